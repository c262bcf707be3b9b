"""`make update` replaces one folder, whatever happens meanwhile; a small template stands for ours."""

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from generation import contents
from processes import environment
from releases import BETWEEN, FOLDER, NEW, OLD, PRE, Template, changed, commit, git, write

# Stand for uv: lock by copying, and run the cookiecutter that is installed here, or copy in its place.
UV = """#!/bin/sh
case $1 in
    lock) cp vendor/django-upstreams/pyproject.toml uv.lock ;;
    run) shift 7; exec {python} "$@" ;;
esac
"""
QUICK_UV = """#!/bin/sh
case $1 in
    lock) cp vendor/django-upstreams/pyproject.toml uv.lock ;;
    run) mkdir -p "${14}"; cp -r "${15}"/*project_slug* "${14}/quotes" ;;
esac
"""
UV_WITHOUT_A_NETWORK = UV.replace(
    "cp vendor/django-upstreams/pyproject.toml uv.lock", "echo error: offline >&2; exit 2"
)
# Kills the process at the N-th step that it takes: a command, a rename, the removal of what it has made.
KILLER = """
import os, runpy, signal, sys
left = int(sys.argv.pop(1))
def count(event, arguments):
    global left
    removes = event == "os.rmdir" and os.path.basename(arguments[0]) in {"src", "refs", "upstreams"}
    if removes or event in {"subprocess.Popen", "os.rename", "shutil.rmtree", "tempfile.mkdtemp"}:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
runpy.run_path("scripts/update.py", run_name="__main__")
"""
STEPS = 34
"""With this one, an update takes fewer."""

Done = subprocess.CompletedProcess[str]
Update = Callable[..., Done]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("releases") / "template")


@pytest.fixture
def project(template: Template, tmp_path: Path) -> Path:
    """Made from the first release, with edits of the team in its own files."""
    return template.project(tmp_path / "quotes")


@pytest.fixture
def update(project: Path, tmp_path: Path) -> Update:
    def update(*wanted: str, killed_at: int = 0, uv: str = UV, **env: str) -> Done:
        write(tmp_path / "uv", uv.replace("{python}", sys.executable))
        (tmp_path / "uv").chmod(0o755)
        return subprocess.run(
            [sys.executable, "-c", KILLER, str(killed_at), *wanted],
            cwd=project,
            env=environment(**{"UV": str(tmp_path / "uv"), **env}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return update


def test_the_folder_is_that_of_the_newest_release(template: Template, project: Path, update: Update) -> None:
    done = update()
    assert done.returncode == 0, done.stderr
    assert package(project) == template.package(NEW)
    assert recorded(project) == template.commits[NEW]
    assert f"{FOLDER} is that of {template.commits[NEW]}; run `make check`." in done.stdout


def test_nothing_else_is_changed(project: Path, update: Update) -> None:
    update()
    assert changed(project) == [
        " M .cruft.json",
        " M vendor/django-upstreams/CHANGELOG.md",
        " M vendor/django-upstreams/pyproject.toml",
        " M vendor/django-upstreams/src/upstreams/core.py",
        " D vendor/django-upstreams/src/upstreams/gone.py",
        "?? update.patch",
        "?? uv.lock",
        "?? vendor/django-upstreams/src/upstreams/news.py",
    ]


def test_the_packages_are_locked_with_the_new_folder(project: Path, update: Update) -> None:
    update()
    assert NEW[1:] in (project / "uv.lock").read_text()


def test_the_migration_notes_in_between_are_printed(project: Path, update: Update) -> None:
    said = update().stdout
    assert f"## [{NEW[1:]}] - 2026-11-27\n### Migration\nDo what {NEW[1:]} needs.\n" in said
    assert OLD[1:] not in said


def test_a_second_update_changes_nothing(project: Path, update: Update) -> None:
    update()
    commit(project, "updated")
    done = update()
    assert (done.returncode, changed(project), "Migration" in done.stdout) == (0, [], False)


@pytest.mark.parametrize("name", [BETWEEN, OLD, NEW, PRE])
def test_any_commit_tag_or_branch_can_be_chosen(
    template: Template, project: Path, update: Update, name: str
) -> None:
    assert update(name).returncode == 0
    assert package(project) == template.package(name)
    assert recorded(project) == template.commits[name]


def test_a_project_made_between_two_tags_is_updated(
    template: Template, project: Path, update: Update
) -> None:
    shutil.rmtree(project)
    template.project(project, BETWEEN)
    assert update().returncode == 0
    assert package(project) == template.package(NEW)
    assert "today" in patch_of(project)


def test_a_project_that_is_newer_than_the_newest_release_stays(
    template: Template, project: Path, update: Update
) -> None:
    shutil.rmtree(project)
    template.project(project, PRE)
    assert update().returncode == 0
    assert changed(project) == ["?? uv.lock"]


@pytest.mark.parametrize("unknown", ["0" * 40, "v0.9.9", ""])
def test_a_commit_that_is_unknown_is_that_of_the_folders_version(
    template: Template, project: Path, update: Update, unknown: str
) -> None:
    rerecord(project, commit=unknown)
    assert update().returncode == 0
    assert package(project) == template.package(NEW)
    assert recorded(project) == template.commits[NEW]


def test_a_folder_that_was_deleted_comes_back(template: Template, project: Path, update: Update) -> None:
    shutil.rmtree(project / FOLDER)
    assert update().returncode == 0
    assert package(project) == template.package(NEW)


@pytest.mark.parametrize("name", ["src/upstreams/core.py", "CHANGELOG.md", "src/upstreams/ours.py"])
def test_an_edited_file_is_refused_with_the_edit(project: Path, update: Update, name: str) -> None:
    with (project / FOLDER / name).open("a") as file:
        file.write("# Ours.\n")
    commit(project, "edited")
    done = update()
    assert done.returncode == 1
    assert f"--- template/{name}\n+++ project/{name}\n" in done.stdout
    assert "\n+# Ours.\n" in done.stdout
    assert done.stderr == f"edited: {name}; nothing was changed. Undo it, or keep it elsewhere\n"
    assert changed(project) == []


def test_a_deleted_file_is_refused_too(project: Path, update: Update) -> None:
    (project / FOLDER / "src" / "upstreams" / "gone.py").unlink()
    commit(project, "deleted")
    done = update()
    assert done.stderr.startswith("edited: src/upstreams/gone.py; nothing was changed.")
    assert changed(project) == []


@pytest.mark.parametrize(
    "name", ["src/upstreams/__pycache__/core.pyc", "src/a.egg-info/PKG-INFO", ".ruff_cache/x"]
)
def test_what_tools_leave_in_the_folder_is_no_edit(project: Path, update: Update, name: str) -> None:
    write(project / FOLDER / name, "left")
    assert update().returncode == 0


def test_what_the_template_changed_in_the_teams_files_is_a_patch_which_is_not_applied(
    project: Path, update: Update
) -> None:
    update()
    assert (project / "README.md").read_text() == "# Quotes\n\nOurs.\n"
    patch = patch_of(project)
    assert re.findall(r"^\+\+\+ b/(.*)$", patch, re.MULTILINE) == ["README.md", "compose.yaml"]
    git("apply", "--include=compose.yaml", "update.patch", at=project)
    assert (project / "compose.yaml").read_text() == "# red\nservices:\n"


def test_a_question_that_was_never_asked_has_its_default_answer(project: Path, update: Update) -> None:
    before = answers(project)
    update()
    assert answers(project) == {**before, "colour": "red"}


def test_a_new_question_is_answered_in_the_record(project: Path, update: Update) -> None:
    rerecord(project, context={"cookiecutter": {**answers(project), "colour": "blue"}})
    update()
    assert "+# blue\n" in patch_of(project)
    assert answers(project)["colour"] == "blue"


def test_a_project_that_cannot_be_rendered_is_updated_all_the_same(
    template: Template, project: Path, update: Update
) -> None:
    rerecord(project, context={"cookiecutter": {**answers(project), "ci": "nowhere"}})
    done = update()
    assert done.returncode == 0
    assert "What has changed in your own files cannot be shown: " in done.stdout
    assert "nowhere" in done.stdout
    assert package(project) == template.package(NEW)
    assert not (project / "update.patch").exists()


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
    project: Path, update: Update, keys: dict[str, str], wanted: str, message: str
) -> None:
    rerecord(project, **keys)
    commit(project, "all")
    done = update(wanted)
    assert (done.returncode, done.stderr) == (1, f"{message}\n")
    assert changed(project) == []


def test_a_template_without_a_release_says_what_to_choose(
    template: Template, project: Path, update: Update, tmp_path: Path
) -> None:
    git("clone", "-q", "--no-tags", str(template.path), str(tmp_path / "without"), at=tmp_path)
    rerecord(project, template=str(tmp_path / "without"))
    done = update()
    assert done.stderr == "the template has no tag such as v1.2.0; choose a commit: make update TO=main\n"
    assert update("main").returncode == 0


def test_a_machine_without_git_is_told_so(project: Path, update: Update, tmp_path: Path) -> None:
    done = update(PATH=str(tmp_path))
    assert done.stderr == "an update needs git: install it and run `make update` again\n"


def test_a_lock_that_fails_is_made_by_the_next_run(template: Template, project: Path, update: Update) -> None:
    done = update(uv=UV_WITHOUT_A_NETWORK)
    assert (done.returncode, done.stderr) == (1, "error: offline\n")
    assert update().returncode == 0
    assert package(project) == template.package(NEW)
    assert NEW[1:] in (project / "uv.lock").read_text()


@pytest.mark.parametrize("step", range(1, STEPS))
def test_an_update_that_was_killed_ends_well_when_it_is_run_again(
    template: Template, project: Path, update: Update, step: int
) -> None:
    first = update(killed_at=step, uv=QUICK_UV)
    second = update(uv=QUICK_UV)
    assert first.returncode in (0, -9), first.stderr
    assert second.returncode == 0, second.stderr
    assert package(project) == template.package(NEW)
    assert recorded(project) == template.commits[NEW]
    assert "Do what" in first.stdout + second.stdout
    assert "today" in patch_of(project)
    assert NEW[1:] in (project / "uv.lock").read_text()
    assert list((project / "vendor").iterdir()) == [project / FOLDER]


@pytest.mark.parametrize("step", range(1, STEPS))
def test_a_killed_update_can_be_followed_by_one_to_another_version(
    template: Template, project: Path, update: Update, step: int
) -> None:
    update(killed_at=step, uv=QUICK_UV)
    done = update(PRE, uv=QUICK_UV)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert package(project) == template.package(PRE)
    assert recorded(project) == template.commits[PRE]


def test_all_steps_are_among_those_that_kill(template: Template, project: Path, update: Update) -> None:
    assert update(killed_at=STEPS, uv=QUICK_UV).returncode == 0
    shutil.rmtree(project)
    template.project(project)
    assert update(killed_at=STEPS - 1, uv=QUICK_UV).returncode == -9


def package(project: Path) -> dict[str, str]:
    return {name: data.decode() for name, (_, data) in contents(project / FOLDER).items()}


def patch_of(project: Path) -> str:
    return (project / "update.patch").read_text()


def record_of(project: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((project / ".cruft.json").read_text())
    return record


def recorded(project: Path) -> object:
    return record_of(project)["commit"]


def rerecord(project: Path, **keys: object) -> None:
    (project / ".cruft.json").write_text(json.dumps({**record_of(project), **keys}))


def answers(project: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((project / ".cruft.json").read_text())["context"]["cookiecutter"]
    return found
