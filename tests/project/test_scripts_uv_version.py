"""The version in .python-version is taken wherever it can be had; where it cannot, a newer one, with a notice."""

from pathlib import Path

import pytest
from machine import UV, Machine

# A uv that can download Pythons, and one that cannot.
DOWNLOADS = UV
OFFLINE = UV.replace("#!/bin/sh\n", '#!/bin/sh\n[ "$1 $2" = "python install" ] && exit 2\n')


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.has("project/pyproject.toml", "")
    machine.has("project/.python-version", "3.13\n")
    machine.has("first/uv", OFFLINE.format(version="0.13.8"))
    return machine


def test_the_version_is_taken_although_there_is_a_newer_one(machine: Machine) -> None:
    machine.has_python("first/python3.14", (3, 14, 0))
    wanted = machine.has_python("second/python3.13", (3, 13, 1))
    assert machine.run("sync").stdout == f"0.13.8 {wanted} none sync\n"


def test_a_version_that_begins_alike_is_another_one(machine: Machine) -> None:
    machine.has("project/.python-version", "3.1\n")
    other = machine.has_python("first/python3.14", (3, 14, 0))
    assert ".python-version asks for" in (done := machine.run("sync")).stderr
    assert done.stdout == f"0.13.8 {other} none sync\n"


def test_a_version_that_is_not_here_is_downloaded(machine: Machine) -> None:
    machine.has("first/uv", DOWNLOADS.format(version="0.13.8"))
    machine.has_python("first/python3.14", (3, 14, 0))
    done = machine.run("sync")
    assert done.stdout == "0.13.8 none none python install --quiet 3.13\n0.13.8 none none sync\n"
    assert done.stderr == ""


def test_where_it_cannot_be_downloaded_another_one_is_taken_with_a_notice(machine: Machine) -> None:
    other = machine.has_python("first/python3.14", (3, 14, 0))
    done = machine.run("sync")
    assert done.stdout == f"0.13.8 {other} none sync\n"
    assert done.stderr == (
        "scripts/uv: there is no Python 3.13 here, as .python-version asks for, "
        f"and none can be downloaded: taking {other}\n"
    )


def test_an_environment_of_that_other_one_is_kept_in_silence(machine: Machine) -> None:
    machine.has_python("first/python3.14", (3, 14, 0))
    kept = machine.has_environment((3, 14, 0))
    done = machine.run("sync")
    assert (done.stdout, done.stderr) == (f"0.13.8 {kept} none sync\n", "")


def test_an_environment_of_another_version_is_left_once_the_right_one_is_here(machine: Machine) -> None:
    machine.has_environment((3, 14, 0))
    wanted = machine.has_python("first/python3.13", (3, 13, 1))
    assert machine.run("sync").stdout == f"0.13.8 {wanted} none sync\n"


def test_an_environment_of_the_version_is_kept(machine: Machine) -> None:
    machine.has_environment((3, 13, 1))
    machine.has_python("first/python3.13", (3, 13, 9))
    assert machine.run("sync").stdout == "0.13.8 none none sync\n"


@pytest.mark.parametrize("other", ["pypy@3.11", "/opt/python", "3.13t"])
def test_what_only_uv_understands_is_left_to_it(machine: Machine, other: str) -> None:
    machine.has("project/.python-version", f"{other}\n")
    machine.has_python("first/python3.14", (3, 14, 0))
    assert machine.run("sync").stdout == "0.13.8 none none sync\n"


def test_with_no_python_at_all_uv_says_why(machine: Machine) -> None:
    done = machine.run("sync")
    assert done.stdout == "0.13.8 none none sync\n"
    assert done.stderr.startswith("scripts/uv: found no Python 3.12 or newer: uv will try to download one")
