"""The imports of a project's packages, which nothing has to list."""

import os
import subprocess
import sys

import pytest

PYPROJECT = """
[tool.importlinter]
root_packages = ["*"]
include_external_packages = true

[[tool.importlinter.contracts]]
name = "layers"
type = "layers"
layers = ["tests", "config", "api : *", "services"]
broken_contract_guidance = "Give it a place."

[[tool.importlinter.contracts]]
name = "libraries"
type = "forbidden"
source_modules = ["*"]
forbidden_modules = ["httpx2"]
allow_indirect_imports = true
"""
PACKAGES = ("api", "config", "services", "shop", "tests")


@pytest.fixture
def project(tmp_path):
    """Packages that the configuration names, and shop, which it does not."""
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").touch()
    write(tmp_path, "config", "import api\nimport shop")
    write(tmp_path, "api", "import shop\nimport services")
    write(tmp_path, "tests", "import config")
    return tmp_path


def write(project, package, code):
    (project / package / "code.py").write_text(f"{code}\n")


def lint(project, *arguments):
    command = [
        sys.executable,
        "-m",
        "upstreams.management.lint_imports",
        "--no-logo",
        "--no-cache",
        *arguments,
    ]
    done = subprocess.run(
        command,
        cwd=project,
        env={**os.environ, "COLUMNS": "200"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_package_that_nobody_listed_may_import_lower_layers(project):
    write(project, "shop", "import services\nimport json")
    code, said = lint(project)
    assert (code, "Contracts: 2 kept, 0 broken." in said) == (0, True)


@pytest.mark.parametrize(
    ("package", "imported", "sentence"),
    [
        ("services", "shop", "services is not allowed to import shop:"),
        ("shop", "config", "shop is not allowed to import config:"),
        ("shop", "httpx2", "shop is not allowed to import httpx2:"),
        ("tests", "httpx2", "tests is not allowed to import httpx2:"),
        ("api", "tests", "api is not allowed to import tests:"),
    ],
)
def test_but_it_is_held_to_the_contracts(project, package, imported, sentence):
    write(project, package, f"import {imported}")
    code, said = lint(project)
    assert (code, sentence in said) == (1, True), said


def test_a_broken_contract_tells_where_to_place_a_package(project):
    write(project, "services", "import shop")
    assert "Give it a place." in lint(project)[1]


def test_a_package_that_has_a_place_of_its_own_is_no_longer_beside_the_others(project):
    text = PYPROJECT.replace('"services"]', '"services", "shop"]')
    (project / "pyproject.toml").write_text(text)
    write(project, "services", "import shop")
    assert lint(project)[0] == 0


def test_without_other_packages_the_star_stands_for_none(project):
    (project / "shop" / "__init__.py").unlink()
    write(project, "config", "import api")
    write(project, "api", "import services")
    assert lint(project)[0] == 0
    (project / "pyproject.toml").write_text(PYPROJECT.replace('"api : *"', '"api", "*"'))
    assert lint(project)[0] == 0


def test_independent_packages_beside_api_stay_independent(project):
    (project / "pyproject.toml").write_text(PYPROJECT.replace("api : *", "api | *"))
    code, said = lint(project)
    assert (code, "api is not allowed to import shop:" in said) == (1, True)


def test_arguments_are_those_of_import_linter(project):
    assert "Usage: " in lint(project, "--help")[1]
