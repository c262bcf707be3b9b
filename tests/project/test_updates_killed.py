"""An update that is killed at any step ends well when it is run again."""

import shutil
from pathlib import Path

import pytest
from releases import FOLDER, NEW, PRE, Template
from sampling import sampled
from updating import QUICK_UV, STEPS, Update, package, patch_of, recorded


@pytest.mark.parametrize("step", sampled({str(step): step for step in range(1, STEPS)}))
def test_an_update_that_was_killed_ends_well_when_it_is_run_again(
    releases: Template, old_project: Path, update: Update, step: int
) -> None:
    first = update(killed_at=step, uv=QUICK_UV)
    second = update(uv=QUICK_UV)
    assert first.returncode in (0, -9), first.stderr
    assert second.returncode == 0, second.stderr
    assert package(old_project) == releases.package(NEW)
    assert recorded(old_project) == releases.commits[NEW]
    assert "Do what" in first.stdout + second.stdout
    assert "today" in patch_of(old_project)
    assert NEW[1:] in (old_project / "uv.lock").read_text()
    assert list((old_project / "vendor").iterdir()) == [old_project / FOLDER]


@pytest.mark.parametrize("step", sampled({str(step): step for step in range(1, STEPS)}))
def test_a_killed_update_can_be_followed_by_one_to_another_version(
    releases: Template, old_project: Path, update: Update, step: int
) -> None:
    update(killed_at=step, uv=QUICK_UV)
    done = update(PRE, uv=QUICK_UV)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"
    assert package(old_project) == releases.package(PRE)
    assert recorded(old_project) == releases.commits[PRE]


def test_all_steps_are_among_those_that_kill(releases: Template, old_project: Path, update: Update) -> None:
    assert update(killed_at=STEPS, uv=QUICK_UV).returncode == 0
    shutil.rmtree(old_project)
    releases.project(old_project)
    assert update(killed_at=STEPS - 1, uv=QUICK_UV).returncode == -9
