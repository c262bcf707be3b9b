"""What an update refuses, and what it cannot find: one line says so, and nothing is changed."""

from pathlib import Path

import pytest
from releases import FOLDER, NEW, Template, changed, commit, git, write
from updating import UV_WITHOUT_A_NETWORK, Update, package, rerecord


@pytest.mark.parametrize("name", ["src/upstreams/core.py", "CHANGELOG.md", "src/upstreams/ours.py"])
def test_an_edited_file_is_refused_with_the_edit(old_project: Path, update: Update, name: str) -> None:
    with (old_project / FOLDER / name).open("a") as file:
        file.write("# Ours.\n")
    commit(old_project, "edited")
    done = update()
    assert done.returncode == 1
    assert f"--- template/{name}\n+++ project/{name}\n" in done.stdout
    assert "\n+# Ours.\n" in done.stdout
    assert done.stderr == f"edited: {name}; nothing was changed. Undo it, or keep it elsewhere\n"
    assert changed(old_project) == []


def test_a_deleted_file_is_refused_too(old_project: Path, update: Update) -> None:
    (old_project / FOLDER / "src" / "upstreams" / "gone.py").unlink()
    commit(old_project, "deleted")
    done = update()
    assert done.stderr.startswith("edited: src/upstreams/gone.py; nothing was changed.")
    assert changed(old_project) == []


@pytest.mark.parametrize(
    "name", ["src/upstreams/__pycache__/core.pyc", "src/a.egg-info/PKG-INFO", ".ruff_cache/x"]
)
def test_what_tools_leave_in_the_folder_is_no_edit(old_project: Path, update: Update, name: str) -> None:
    write(old_project / FOLDER / name, "left")
    assert update().returncode == 0


@pytest.mark.parametrize(
    ("keys", "wanted", "message"),
    [
        (
            {"template": ""},
            "",
            '.cruft.json: write the address of the template\'s repository after "template"',
        ),
        ({"template": "/no/such"}, "", "fatal: repository '/no/such' does not exist"),
        ({}, "v7.7.7", "the template has no commit, tag or branch v7.7.7"),
        ({}, "--all", "the template has no commit, tag or branch --all"),
    ],
)
def test_what_is_not_there_is_one_line(
    old_project: Path, update: Update, keys: dict[str, str], wanted: str, message: str
) -> None:
    rerecord(old_project, **keys)
    commit(old_project, "all")
    done = update(wanted)
    assert (done.returncode, done.stderr) == (1, f"{message}\n")
    assert changed(old_project) == []


def test_a_template_without_a_release_says_what_to_choose(
    releases: Template, old_project: Path, update: Update, tmp_path: Path
) -> None:
    git("clone", "-q", "--no-tags", str(releases.path), str(tmp_path / "without"), at=tmp_path)
    rerecord(old_project, template=str(tmp_path / "without"))
    done = update()
    assert done.stderr == "the template has no tag such as v1.2.0; choose a commit: make update TO=main\n"
    assert update("main").returncode == 0


def test_a_machine_without_git_is_told_so(old_project: Path, update: Update, tmp_path: Path) -> None:
    done = update(PATH=str(tmp_path))
    assert done.stderr == "an update needs git: install it and run `make update` again\n"


def test_a_lock_that_fails_is_made_by_the_next_run(
    releases: Template, old_project: Path, update: Update
) -> None:
    done = update(uv=UV_WITHOUT_A_NETWORK)
    assert (done.returncode, done.stderr) == (1, "error: offline\n")
    assert update().returncode == 0
    assert package(old_project) == releases.package(NEW)
    assert NEW[1:] in (old_project / "uv.lock").read_text()
