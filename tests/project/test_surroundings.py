"""A project works wherever it lies, whatever lies around it, and after it was moved: make repairs what names a folder."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from generation import INSTALLED, SOURCE, name_of
from processes import attempt, environment, run

# With one package, which brings a program: that is enough for all that names a folder.
ABOUT = """[project]
name = "quotes"
version = "0"
requires-python = ">=3.12"
dependencies = ["idna"]

[tool.uv]
package = false

[tool.uv.workspace]
members = []
"""
PYTHON = "/no/such/folder/python3.13"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "quotes"
    (folder / "scripts").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(ABOUT)
    (folder / "scripts" / "uv").write_text((SOURCE / "scripts" / "uv").read_text())
    return folder


def made(project: Path, **env: str) -> str:
    """Run a program of the environment, which is made if need be; return what was said meanwhile."""
    done = attempt(["sh", "scripts/uv", "run", "--quiet", "idna", "ü.de"], project, environment(**env))
    assert (done.returncode, done.stdout) == (0, "xn--tda.de\n"), done.stderr
    assert (
        str(project.resolve()).replace("'", "'\"'\"'") in (project / ".venv" / "bin" / "activate").read_text()
    )
    return done.stderr


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
def test_make_repairs_a_project_that_was_copied_and_leaves_the_original(
    installed: Path, tmp_path: Path
) -> None:
    before = (installed / ".venv" / "pyvenv.cfg").stat().st_ino
    copy = Path(shutil.copytree(installed, tmp_path / "copy", symlinks=True))
    # Where somebody's environments go makes no difference to the recipes, which use .venv.
    env = environment(UV_PROJECT_ENVIRONMENT=str(tmp_path / "other"))
    done = attempt(["make", "lint"], copy, env)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.startswith(
        f"scripts/uv: {copy}/.venv is broken, or was made for another folder: making it again\n"
    )
    assert (installed / ".venv" / "pyvenv.cfg").stat().st_ino == before
    assert not (tmp_path / "other").exists()
    assert list(copy.glob(".uv.*")) == []


@pytest.mark.parametrize("name", ["a space", "it's", "ünï", 'q"$x#%', "d" * 200])
def test_a_project_moves_to_any_name(project: Path, tmp_path: Path, name: str) -> None:
    made(project)
    moved = project.rename(tmp_path / name)
    assert "making it again" in made(moved)
    assert made(moved) == ""


def test_a_link_to_a_project_is_the_same_project(project: Path, tmp_path: Path) -> None:
    made(project)
    (tmp_path / "link").symlink_to(project)
    assert made(tmp_path / "link") == ""


def test_a_colon_in_the_path_is_refused_in_one_line(project: Path, tmp_path: Path) -> None:
    moved = project.rename(tmp_path / "a:b")
    done = attempt(["sh", "scripts/uv", "sync"], moved, environment())
    line = f"scripts/uv: the folder's path has a colon, which ends a path in PATH: move {moved}\n"
    assert (done.returncode, done.stderr) == (1, line)


def without_a_configuration(env: Path) -> None:
    (env / "pyvenv.cfg").unlink()


def without_its_python(env: Path) -> None:
    (env / "bin" / "python").unlink()
    (env / "bin" / "python").symlink_to(PYTHON)


def with_a_python_that_does_not_run(env: Path) -> None:
    (env / "bin" / "python").unlink()
    (env / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (env / "bin" / "python").chmod(0o755)


def with_nothing_but_a_file(env: Path) -> None:
    shutil.rmtree(env)
    env.mkdir()
    (env / "left").touch()


def with_half_a_package(env: Path) -> None:
    (file,) = env.glob("lib/python*/site-packages/idna/core.py")
    file.unlink()
    (env / ".complete").unlink(missing_ok=True)  # as after the first installation, which was killed


def without_its_packages(env: Path) -> None:
    shutil.rmtree(env / "lib")


@pytest.mark.parametrize(
    "broken",
    [
        without_a_configuration,
        without_its_python,
        with_a_python_that_does_not_run,
        with_nothing_but_a_file,
        with_half_a_package,
        without_its_packages,
    ],
)
def test_a_broken_environment_is_made_again(project: Path, broken: Callable[[Path], None]) -> None:
    made(project)
    broken(project / ".venv")
    made(project)


def test_an_environment_elsewhere_is_never_removed(project: Path, tmp_path: Path) -> None:
    made(project)
    (project / ".venv").rename(tmp_path / "kept")
    (project / ".venv").symlink_to(tmp_path / "kept")
    run(["sh", "scripts/uv", "sync", "--quiet"], project, environment())
    assert (project / ".venv").is_symlink()
    assert (tmp_path / "kept" / "pyvenv.cfg").exists()


WORKSPACE = """[project]
name = "outer"
version = "0"
requires-python = ">=3.12"
[tool.uv.workspace]
members = ["{}"]
"""
OUTER: dict[str, tuple[str, str]] = {
    "a workspace of all": ("pyproject.toml", WORKSPACE.format("*")),
    "a workspace of others": ("pyproject.toml", WORKSPACE.format("services/*")),
    "a project": ("pyproject.toml", '[project]\nname = "outer"\nversion = "0"\nrequires-python = ">=3.99"\n'),
    "an index": ("uv.toml", 'index-url = "http://127.0.0.1:9/simple"\n'),
    "a version": (".python-version", "3.99\n"),
}


@pytest.mark.parametrize("outer", OUTER)
def test_what_lies_around_a_project_changes_nothing(project: Path, outer: str) -> None:
    name, text = OUTER[outer]
    (project.parent / name).write_text(text)
    made(project)
    assert sorted(path.name for path in project.parent.iterdir()) == sorted([name, "quotes"])


@pytest.mark.parametrize("name", ["UV_PROJECT", "UV_WORKING_DIR", "VIRTUAL_ENV", "CONDA_PREFIX"])
def test_what_the_caller_works_in_changes_nothing(project: Path, tmp_path: Path, name: str) -> None:
    other = tmp_path / "other"
    other.mkdir()
    made(project, **{name: str(other)})
    assert list(other.iterdir()) == []
