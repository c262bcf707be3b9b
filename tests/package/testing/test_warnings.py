"""Which warnings fail a test where `upstreams.testing.strict` is loaded: those of the project's own packages."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes

INI = """
[pytest]
asyncio_mode = auto
asyncio_default_fixture_loop_scope = session
asyncio_default_test_loop_scope = session
"""
OWN = """
import warnings


def deprecated():
    warnings.warn("ours", DeprecationWarning)

"""
LIBRARY = """
import warnings


def deprecated():
    warnings.warn("theirs", DeprecationWarning)


def deprecated_for_callers():
    warnings.warn("outdated", DeprecationWarning, stacklevel=2)


async def never():
    pass


def forgets():
    never()
"""
TESTS = """
import threading

import library
from shop import code


def test_ours():
    code.deprecated()


def test_theirs():
    library.deprecated()


def test_outdated_call():
    library.deprecated_for_callers()


def test_never_awaited():
    library.forgets()


def test_thread_that_raises():
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
"""


@pytest.fixture
def run(tmp_path):
    """Run the tests of a project beside a library, and return what pytest says of each."""
    project, library = tmp_path / "project", tmp_path / "library"
    for folder in (project / "shop", library):
        folder.mkdir(parents=True)
    (library / "library.py").write_text(LIBRARY)
    (project / "shop" / "__init__.py").touch()
    (project / "shop" / "settings.py").write_text('SECRET_KEY = "k"\n')
    (project / "shop" / "code.py").write_text(OWN)
    (project / "shop" / "test_code.py").write_text(TESTS)
    (project / "conftest.py").write_text('pytest_plugins = ["upstreams.testing.strict"]\n')

    def run(more=""):
        (project / "pytest.ini").write_text(INI + more)
        command = [sys.executable, "-m", "pytest", "-n", "0", "-p", "no:cacheprovider", "-rA"]
        env = {**os.environ, "PYTHONPATH": str(library), "DJANGO_SETTINGS_MODULE": "shop.settings"}
        env |= {"PYTEST_ADDOPTS": ""}  # -v adds lines to what is read below
        done = subprocess.run(
            command, cwd=project, env=env, capture_output=True, text=True, timeout=120, check=False
        )
        lines = [
            line.split(" - ")[0].split("::") for line in done.stdout.splitlines() if "test_code.py::" in line
        ]
        return {name: outcome.split()[0] for outcome, name in lines}, done.stdout + done.stderr

    return run


def test_warnings_of_own_code_fail_and_those_of_others_are_listed(run):
    outcomes, said = run()
    assert outcomes == {
        "test_ours": "FAILED",
        "test_theirs": "PASSED",
        "test_outdated_call": "FAILED",
        "test_never_awaited": "FAILED",
        "test_thread_that_raises": "FAILED",
    }, said
    assert "DeprecationWarning: theirs" in said


def test_the_project_may_ask_for_all(run):
    outcomes, said = run("filterwarnings = error\n")
    assert outcomes["test_theirs"] == "FAILED", said


def test_the_project_may_excuse_its_own(run):
    assert run("filterwarnings = ignore:ours\n")[0]["test_ours"] == "PASSED"
