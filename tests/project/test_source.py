"""The template and the package where they lie: style, types and the direction of imports hold without rendering."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from generation import INSTALLED, PACKAGE, ROOT, SOURCE, files, name_of, own_files
from processes import environment, run

RUFF = [sys.executable, "-m", "ruff"]
LINT_IMPORTS = str(Path(sys.executable).with_name("lint-imports"))
EXCLUDED = ["--exclude", "^vendor/", "--exclude", "^_variants/"]
# A conftest of its own keeps the second folder from the run of the others.
MYPY = [["mypy"], ["mypy", "tests/project/faults"]]


@pytest.fixture(autouse=True)
def nothing_is_left_in_the_source() -> Iterator[None]:
    before = set(SOURCE.rglob("*"))
    yield
    assert {path for path in set(SOURCE.rglob("*")) - before if "__pycache__" not in path.parts} == set()


@pytest.mark.parametrize("command", [["ruff", "check"], ["ruff", "format", "--check"], *MYPY], ids=" ".join)
def test_the_templates_own_code_is_clean(command: list[str]) -> None:
    run([sys.executable, "-m", *command], ROOT, environment())


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_the_package_is_clean_by_its_own_rules(command: list[str]) -> None:
    run([*RUFF, *command, "--no-cache", str(PACKAGE)], ROOT, environment())


def test_the_package_is_typed() -> None:
    # Django's plugin wants settings: those of the test project have every app of the package.
    command = [sys.executable, "-m", "mypy", "--config-file", str(PACKAGE / "pyproject.toml")]
    run(command, ROOT / "tests" / "package", environment())


def test_imports_of_the_package_run_one_way() -> None:
    said = run([LINT_IMPORTS, "--no-logo", "--no-cache"], ROOT, environment())
    assert "Contracts: 4 kept, 0 broken." in said


def test_the_record_of_the_package_is_that_of_its_files() -> None:
    run([sys.executable, "scripts/record.py", "--check"], ROOT, environment())


@pytest.mark.parametrize("command", [["check", "--ignore", "RUF200"], ["format", "--check"]], ids=" ".join)
def test_the_source_is_clean_before_it_is_rendered(command: list[str]) -> None:
    # RUF200 wants a package name where pyproject.toml still has its placeholder. What lies in _variants is
    # imported by other names than its own: tests/project/test_combinations.py looks at it in its place.
    run([*RUFF, *command, "--no-cache", "--extend-exclude", "_variants"], SOURCE, environment())


def test_no_python_file_has_a_placeholder() -> None:
    # The package is copied without rendering.
    texts = {file: file.read_text() for file in own_files(SOURCE, ".py")}
    assert [file for file, text in texts.items() if "{{" in text or "{%" in text] == []


def test_no_name_below_the_first_folder_has_a_placeholder() -> None:
    assert [file for file in files(SOURCE) if "{" in str(file.relative_to(SOURCE))] == []


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
@pytest.mark.parametrize(
    "command",
    [
        # What lies in _variants has the names of what it replaces.
        ["mypy", "--config-file", "pyproject.toml", "--cache-dir", "/dev/null", *EXCLUDED],
        ["pytest", "-c", "pyproject.toml", "-p", "no:cacheprovider", "--ignore", "_variants"],
    ],
    ids=["mypy", "pytest"],
)
def test_the_source_is_typed_and_tested_before_it_is_rendered(installed: Path, command: list[str]) -> None:
    program = installed / ".venv" / "bin" / command[0]
    run([str(program), *command[1:]], SOURCE, environment(PYTHONDONTWRITEBYTECODE="1"))
