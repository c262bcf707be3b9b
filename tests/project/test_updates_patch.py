"""What a new template would do in the team's own files is a patch, never applied, and a record of new answers."""

import re
from pathlib import Path

from releases import NEW, Template, git
from updating import Update, answers, package, patch_of, rerecord


def test_what_the_template_changed_in_the_teams_files_is_a_patch_which_is_not_applied(
    old_project: Path, update: Update
) -> None:
    update()
    assert (old_project / "README.md").read_text() == "# Quotes\n\nOurs.\n"
    patch = patch_of(old_project)
    assert re.findall(r"^\+\+\+ b/(.*)$", patch, re.MULTILINE) == ["README.md", "compose.yaml"]
    git("apply", "--include=compose.yaml", "update.patch", at=old_project)
    assert (old_project / "compose.yaml").read_text() == "# red\nservices:\n"


def test_a_question_that_was_never_asked_has_its_default_answer(old_project: Path, update: Update) -> None:
    before = answers(old_project)
    update()
    assert answers(old_project) == {**before, "colour": "red"}


def test_a_new_question_is_answered_in_the_record(old_project: Path, update: Update) -> None:
    rerecord(old_project, context={"cookiecutter": {**answers(old_project), "colour": "blue"}})
    update()
    assert "+# blue\n" in patch_of(old_project)
    assert answers(old_project)["colour"] == "blue"


def test_a_project_that_cannot_be_rendered_is_updated_all_the_same(
    releases: Template, old_project: Path, update: Update
) -> None:
    rerecord(old_project, context={"cookiecutter": {**answers(old_project), "ci": "nowhere"}})
    done = update()
    assert done.returncode == 0
    assert "What has changed in your own files cannot be shown: " in done.stdout
    assert "nowhere" in done.stdout
    assert package(old_project) == releases.package(NEW)
    assert not (old_project / "update.patch").exists()
