"""scripts/uv finds a uv and a Python that run. Both are played by small scripts here, so nothing is downloaded."""

import shutil
import subprocess
from pathlib import Path

import psutil
import pytest
from machine import ADD, BROKEN, PIP, UV, Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_newest_python_is_chosen(machine: Machine) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    machine.has_python("first/python3.12", (3, 12, 9))
    newest = machine.has_python("second/python3.14", (3, 14, 0))
    assert machine.run("sync").stdout == f"0.13.8 {newest} none sync\n"


def test_a_shim_that_does_not_run_is_passed_over(machine: Machine) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    machine.has("first/python3.15", BROKEN)
    works = machine.has_python("second/python3.13", (3, 13, 0))
    assert machine.run().stdout.split()[1] == str(works)


@pytest.mark.parametrize(
    ("version", "level"), [((3, 15, 0), "candidate"), ((3, 11, 9), "final")], ids=["pre-release", "old"]
)
def test_an_unfit_python_is_passed_over(machine: Machine, version: tuple[int, int, int], level: str) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    machine.has_python("first/python3", version, level)
    assert machine.run().stdout.split()[1] == "none"


def test_a_python_of_pyenv_is_found_without_its_shim(machine: Machine) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    works = machine.has_python("home/.pyenv/versions/3.13.2/bin/python", (3, 13, 2))
    assert machine.run().stdout.split()[1] == str(works)


def test_a_python_chosen_by_the_caller_is_kept(machine: Machine) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    machine.has_python("first/python3.14", (3, 14, 0))
    assert machine.run(UV_PYTHON="/chosen").stdout.split()[1] == "/chosen"


@pytest.mark.parametrize("cwd", ["project", "project/api"])
def test_the_python_of_the_project_is_kept(machine: Machine, cwd: str) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    machine.has("project/api/views.py", "")
    machine.has_python("first/python3.14", (3, 14, 0))
    machine.has_environment((3, 12, 0))
    assert machine.run(cwd=cwd).stdout.split()[1] == "none"


def test_without_a_python_uv_is_left_to_get_one(machine: Machine) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    done = machine.run("sync")
    assert done.stdout == "0.13.8 none none sync\n"
    assert done.stderr == (
        "scripts/uv: found no Python 3.12 or newer: uv will try to download one "
        "(or install python3.12 and run this again)\n"
    )


@pytest.mark.parametrize(
    "unfit",
    [BROKEN, UV.format(version="0.8.24"), UV.format(version="1.0.0")],
    ids=["broken", "older", "newer"],
)
def test_an_unfit_uv_is_passed_over(machine: Machine, unfit: str) -> None:
    machine.has("first/uv", unfit)
    machine.has("second/uv", UV.format(version="0.9.0"))
    assert machine.run(UV_PYTHON="/chosen").stdout == "0.9.0 /chosen none \n"


def test_the_uv_installed_in_the_project_is_used_from_anywhere(machine: Machine) -> None:
    machine.has("project/.uv/bin/uv", UV.format(version="0.13.8"))
    assert machine.run(UV_PYTHON="/chosen", cwd="elsewhere").stdout == "0.13.8 /chosen none \n"


def test_the_script_on_path_does_not_take_itself_for_uv(machine: Machine) -> None:
    machine.path.insert(0, machine.script.parent)
    machine.has("first/uv", UV.format(version="0.13.8"))
    assert machine.run(UV_PYTHON="/chosen").stdout == "0.13.8 /chosen none \n"


def test_the_virtual_environment_of_the_caller_is_forgotten(machine: Machine) -> None:
    machine.has("first/uv", UV.format(version="0.13.8"))
    assert machine.run(UV_PYTHON="/chosen", VIRTUAL_ENV="/other").stdout.split()[2] == "none"


def test_without_uv_and_pip_one_line_says_what_to_install(machine: Machine) -> None:
    machine.has("first/python3", BROKEN)
    done = machine.run("sync")
    assert done.returncode == 1
    assert done.stderr == (
        "scripts/uv: there is no uv and no python3 with pip: install one of them "
        "(apt install python3-pip, or https://docs.astral.sh/uv) and run this again\n"
    )


def test_uv_is_installed_into_the_project_by_pip(machine: Machine) -> None:
    machine.has("first/python3", BROKEN)
    machine.has("second/python3", PIP.format(uv=machine.has("index/uv", UV.format(version="0.13.8"))))
    done = machine.run("sync", UV_PYTHON="/chosen", cwd="elsewhere")
    assert done.stdout == "0.13.8 /chosen none sync\n"
    assert machine.folders() == [".uv", "scripts"]


def test_a_uv_that_another_process_has_just_installed_is_kept(machine: Machine) -> None:
    ours = machine.has("index/uv", UV.format(version="0.13.8"))
    theirs = machine.has("other/uv", UV.format(version="0.13.9"))
    machine.has(
        "first/python3", PIP.format(uv=ours) + ADD.format(uv=theirs, folder=machine.script.parent.parent)
    )
    assert machine.run(UV_PYTHON="/chosen").stdout.split()[0] == "0.13.9"
    assert machine.folders() == [".uv", "scripts"]


def test_a_failing_pip_is_reported_and_leaves_nothing(machine: Machine) -> None:
    machine.has("first/python3", '#!/bin/sh\n[ "$3" = --version ] || { echo "no network" >&2; exit 1; }\n')
    done = machine.run()
    assert done.returncode == 1
    assert done.stderr.endswith(
        "no network\nscripts/uv: pip could not install uv: see its message above, "
        "or install uv yourself (https://docs.astral.sh/uv)\n"
    )
    assert machine.folders() == ["scripts"]


def test_a_signal_ends_pip_as_well(machine: Machine) -> None:
    machine.has(
        "first/python3",
        f'#!/bin/sh\n[ "$3" = --version ] && exit\necho $$\nexec {shutil.which("sleep")} 600\n',
    )
    command = [str(machine.script)]
    with subprocess.Popen(command, env=machine.environment(), stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        pip = next(int(line) for line in process.stderr if line.strip().isdigit())
        process.terminate()
        process.wait(30)
    assert not psutil.pid_exists(pip) or psutil.Process(pip).status() == psutil.STATUS_ZOMBIE
    assert machine.folders() == ["scripts"]
