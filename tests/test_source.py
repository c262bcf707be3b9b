"""The template where it lies: no placeholder stands in the way of ruff, mypy and the product's own suite."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from generation import INSTALLED, ROOT, SOURCE, files, name_of
from processes import environment, run

RUFF = [sys.executable, "-m", "ruff"]


@pytest.fixture(autouse=True)
def nothing_is_left_in_the_source() -> Iterator[None]:
    before = set(SOURCE.rglob("*"))
    yield
    assert set(SOURCE.rglob("*")) - before == set()


@pytest.mark.parametrize(
    "command", [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]], ids=" ".join
)
def test_the_templates_own_code_is_clean(command: list[str]) -> None:
    run([sys.executable, "-m", *command], ROOT, environment())


@pytest.mark.parametrize("command", [["check", "--ignore", "RUF200"], ["format", "--check"]], ids=" ".join)
def test_the_source_is_clean_before_it_is_rendered(command: list[str]) -> None:
    # RUF200 wants a package name where pyproject.toml still has its placeholder. What lies in _variants is
    # imported by other names than its own: tests/test_combinations.py looks at it in its place.
    run([*RUFF, *command, "--no-cache", "--extend-exclude", "_variants"], SOURCE, environment())


def test_no_python_file_has_a_placeholder() -> None:
    assert [
        file for file in files(SOURCE, ".py") if any(mark in file.read_text() for mark in ("{{", "{%"))
    ] == []


def test_no_name_below_the_first_folder_has_a_placeholder() -> None:
    assert [file for file in files(SOURCE) if "{" in str(file.relative_to(SOURCE))] == []


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
@pytest.mark.parametrize(
    "command",
    [
        # The two lists that say which HTTP library is installed have their placeholders yet.
        ["mypy", "--config-file", "pyproject.toml", "--cache-dir", "/dev/null", "--always-false", "HTTPX"],
        ["pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider", "-m", "not processes"],
    ],
    ids=["mypy", "pytest"],
)
def test_the_source_is_typed_and_tested_before_it_is_rendered(installed: Path, command: list[str]) -> None:
    program = installed / ".venv" / "bin" / command[0]
    run([str(program), *command[1:]], SOURCE, environment(PYTHONDONTWRITEBYTECODE="1"))
