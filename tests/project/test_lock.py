"""The lock file of a project: there from the start, right for each combination of answers, found out of date."""

import re
import shutil
import sys
from pathlib import Path

import pytest
from generation import COMBINATIONS, INSTALLED, PACKAGE, SOURCE, copy_of_the_template, generate, name_of
from processes import attempt, environment, run
from releases import commit, git
from test_variants import REFUSING, constant

LOCK = SOURCE / "uv.lock"
EVERYTHING = COMBINATIONS[-1]
COMPLAINT = "uv.lock does not fit pyproject.toml: run `make lock`, then commit it with the change\n"


def test_the_lock_fits_without_the_network(project: Path, tmp_path: Path) -> None:
    run(["uv", "lock", "--check", "--offline"], project, environment(UV_CACHE_DIR=str(tmp_path)))


# uv sorts packages by name: the project's own is the first, the last, or in between.
@pytest.mark.parametrize("slug", ["a", "quotes_service", "zz-9"])
def test_a_package_that_is_added_changes_no_other_line(tmp_path: Path, slug: str) -> None:
    project = generate(tmp_path / "out", {**EVERYTHING, "project_slug": slug})
    git("init", "-q", at=project)
    commit(project, "generated")
    run(["uv", "add", "--quiet", "--no-sync", "idna>=3"], project, environment())
    assert git("diff", "--numstat", at=project).split("\n")[:-1] == ["1\t0\tpyproject.toml", "2\t0\tuv.lock"]


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
def test_the_lock_fits_when_the_example_is_removed(installed: Path, tmp_path: Path) -> None:
    project = Path(shutil.copytree(installed, tmp_path / "project", symlinks=True))
    remove = [".venv/bin/python", "manage.py", "startupstream", "quotes", "--remove"]
    run(remove, project, environment(SECRET_KEY="k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz"))
    assert (project / "uv.lock").read_bytes() == (installed / "uv.lock").read_bytes()
    run(["uv", "lock", "--check", "--offline"], project, environment())


@pytest.mark.parametrize(
    "file", [SOURCE / "pyproject.toml", PACKAGE / "pyproject.toml"], ids=["project", "package"]
)
def test_a_lock_that_does_not_fit_is_named_with_the_command(tmp_path: Path, file: Path) -> None:
    template = copy_of_the_template(tmp_path)
    changed = template / file.relative_to(SOURCE.parent)
    changed.write_text(changed.read_text().replace('"django>=', '"idna>=3", "django>='))
    check = [sys.executable, "scripts/lock.py", "--check"]
    done = attempt(check, template, environment())
    assert (done.returncode, done.stderr) == (1, COMPLAINT)


def test_a_lock_names_the_public_index_alone(tmp_path: Path) -> None:
    template = copy_of_the_template(tmp_path)
    index = environment(UV_DEFAULT_INDEX="https://pypi.org/simple/")
    done = attempt([sys.executable, "scripts/lock.py"], template, index)
    assert done.stderr.startswith("uv.lock would name ")
    assert (template / LOCK.relative_to(SOURCE.parent)).read_bytes() == LOCK.read_bytes()


def test_each_locked_package_is_no_name_for_a_project() -> None:
    locked = re.findall(r'^name = "([\w.-]+)"', LOCK.read_text(), re.MULTILINE)
    assert sorted(set(locked)) == constant(REFUSING, "PACKAGES").split()
