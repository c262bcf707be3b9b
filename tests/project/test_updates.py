"""`make update` replaces one folder; a small template stands for ours."""

import shutil
from pathlib import Path

import pytest
from releases import BETWEEN, FOLDER, NEW, OLD, PRE, Template, changed, commit
from updating import Update, package, patch_of, recorded, rerecord


def test_the_folder_is_that_of_the_newest_release(
    releases: Template, old_project: Path, update: Update
) -> None:
    done = update()
    assert done.returncode == 0, done.stderr
    assert package(old_project) == releases.package(NEW)
    assert recorded(old_project) == releases.commits[NEW]
    assert f"{FOLDER} is that of {releases.commits[NEW]}; run `make check`." in done.stdout


def test_nothing_else_is_changed(old_project: Path, update: Update) -> None:
    update()
    assert changed(old_project) == [
        " M .cruft.json",
        " M vendor/django-upstreams/CHANGELOG.md",
        " M vendor/django-upstreams/pyproject.toml",
        " M vendor/django-upstreams/src/upstreams/core.py",
        " D vendor/django-upstreams/src/upstreams/gone.py",
        "?? update.patch",
        "?? uv.lock",
        "?? vendor/django-upstreams/src/upstreams/news.py",
    ]


def test_the_packages_are_locked_with_the_new_folder(old_project: Path, update: Update) -> None:
    update()
    assert NEW[1:] in (old_project / "uv.lock").read_text()


def test_the_migration_notes_in_between_are_printed(old_project: Path, update: Update) -> None:
    said = update().stdout
    assert f"## [{NEW[1:]}] - 2026-11-27\n### Migration\nDo what {NEW[1:]} needs.\n" in said
    assert OLD[1:] not in said


def test_a_second_update_changes_nothing(old_project: Path, update: Update) -> None:
    update()
    commit(old_project, "updated")
    done = update()
    assert (done.returncode, changed(old_project), "Migration" in done.stdout) == (0, [], False)


@pytest.mark.parametrize("name", [BETWEEN, OLD, NEW, PRE])
def test_any_commit_tag_or_branch_can_be_chosen(
    releases: Template, old_project: Path, update: Update, name: str
) -> None:
    assert update(name).returncode == 0
    assert package(old_project) == releases.package(name)
    assert recorded(old_project) == releases.commits[name]


def test_a_project_made_between_two_tags_is_updated(
    releases: Template, old_project: Path, update: Update
) -> None:
    shutil.rmtree(old_project)
    releases.project(old_project, BETWEEN)
    assert update().returncode == 0
    assert package(old_project) == releases.package(NEW)
    assert "today" in patch_of(old_project)


def test_a_project_that_is_newer_than_the_newest_release_stays(
    releases: Template, old_project: Path, update: Update
) -> None:
    shutil.rmtree(old_project)
    releases.project(old_project, PRE)
    assert update().returncode == 0
    assert changed(old_project) == ["?? uv.lock"]


@pytest.mark.parametrize("unknown", ["0" * 40, "v0.9.9", ""])
def test_a_commit_that_is_unknown_is_that_of_the_folders_version(
    releases: Template, old_project: Path, update: Update, unknown: str
) -> None:
    rerecord(old_project, commit=unknown)
    assert update().returncode == 0
    assert package(old_project) == releases.package(NEW)
    assert recorded(old_project) == releases.commits[NEW]


def test_a_folder_that_was_deleted_comes_back(releases: Template, old_project: Path, update: Update) -> None:
    shutil.rmtree(old_project / FOLDER)
    assert update().returncode == 0
    assert package(old_project) == releases.package(NEW)
