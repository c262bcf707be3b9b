"""The package's own tests with the other HTTP library, and on every Django that it supports."""

import os
from pathlib import Path

import pytest
from environments import DJANGO_5_2, DJANGO_6_0, HTTPX, Environment
from generation import ROOT
from processes import environment, run

SECONDS = 3600  # for all tests, on a machine that has much else to do
TESTS = ROOT / "tests" / "package"
# The fast path needs Django 6.1; the tests of tasks, of metrics and of the command line run with the settings that
# have it, and so with HTTPX alone.
ANYWHERE = ["asgi/test_lifespan.py", "clients", "core", "policies", "sdks", "testing", "transport"]
WHOLE = ["."]
# They build a site and install the wheel: neither depends on what is installed here. SDKs are not.
ELSEWHERE = ("docs", "adoption")
WITH_SDKS = (
    "clients/credentials/test_recipes.py",
    "sdks/test_problems.py",
    "sdks/test_recipes.py",
    "telemetry/test_sdks.py",
)
FEW = ["asgi/test_lifespan.py", "clients/calls", "core/test_definition.py", "policies/test_retry.py", "sdks"]
NAMES = {"httpx": HTTPX, "Django 5.2": DJANGO_5_2, "Django 6.0": DJANGO_6_0}
VERSIONS = """
import django
from upstreams.core.httpx import httpx
print(httpx.__name__, *django.VERSION[:2])
"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [("httpx", "httpx 6 1"), ("Django 5.2", "httpx2 5 2"), ("Django 6.0", "httpx2 6 0")],
)
def test_the_environment_is_what_it_is_called(name: str, expected: str, tmp_path: Path) -> None:
    assert run([str(NAMES[name].python()), "-c", VERSIONS], tmp_path, environment()).strip() == expected


@pytest.mark.parametrize("name", ["httpx", "Django 5.2", pytest.param("Django 6.0", marks=pytest.mark.long)])
def test_calls_policies_and_lifespan_hold(name: str, tmp_path: Path) -> None:
    assert " passed" in said(NAMES[name], FEW, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "tests"),
    [("httpx", WHOLE), ("Django 5.2", ANYWHERE), ("Django 6.0", ANYWHERE)],
    ids=NAMES,
)
def test_all_tests_hold_that_can(name: str, tests: list[str], tmp_path: Path) -> None:
    assert " passed" in said(NAMES[name], tests, tmp_path, workers=2)


def said(where: Environment, tests: list[str], folder: Path, workers: int = 0) -> str:
    ignored = [f"--ignore={name}" for name in (*ELSEWHERE, *WITH_SDKS)]
    options = ["-q", "-n", f"{workers}", "-o", f"cache_dir={folder}", *ignored]
    command = [str(where.python()), "-m", "pytest", *options, "--ds", where.settings, *tests]
    return run(command, TESTS, environment(PATH=os.environ["PATH"]), SECONDS)
