"""A team's own code in a generated project: it is inside the gates without being listed, and ordinary Django passes."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from editing import add_app, add_middleware, add_settings, add_urls
from generation import generate
from processes import attempt, environment, run

SUITE = 1200  # seconds, on a machine that has much else to do
ORDINARY = Path(__file__).parent / "first_week" / "shop"
CONFIGURED = {"DJANGO_SETTINGS_MODULE": "tests.settings"}

Write = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project in which an app was begun, and a package was made by hand."""
    project = generate(tmp_path_factory.mktemp("first-week") / "out")
    run(["scripts/uv", "sync", "--quiet"], project, environment())
    run([".venv/bin/python", "manage.py", "startapp", "blog"], project, environment(**CONFIGURED))
    (project / "lib").mkdir()
    (project / "lib" / "__init__.py").touch()
    return project


@pytest.fixture
def write(project: Path) -> Iterator[Write]:
    """Writes files of the project, which are as before when the test ends."""
    before: dict[Path, str | None] = {}

    def write(name: str, text: str) -> Path:
        path = project / name
        before.setdefault(path, path.read_text() if path.exists() else None)
        path.write_text(text)
        return path

    yield write
    for path, text in before.items():
        if text is None:
            path.unlink()
        else:
            path.write_text(text)


def test_what_startapp_writes_passes_every_check(project: Path) -> None:
    run(["make", "check"], project, environment(), SUITE)


@pytest.mark.parametrize("file", ["blog/tests.py", "lib/test_money.py"])
def test_its_tests_run(project: Path, write: Write, file: str) -> None:
    write(file, "def test_it():\n    pass\n")
    said = run(["make", "test"], project, environment(PYTEST_ADDOPTS="--collect-only -q --numprocesses=0"))
    assert f"{file}::test_it" in said


@pytest.mark.parametrize("package", ["blog", "lib"])
def test_its_types_are_checked(project: Path, write: Write, package: str) -> None:
    write(f"{package}/prices.py", 'def price() -> int:\n    return "free"\n')
    checked = attempt(["make", "typecheck"], project, environment())
    assert (checked.returncode, f"{package}/prices.py:2: error" in checked.stdout) == (2, True), (
        checked.stdout
    )


@pytest.mark.parametrize(
    ("file", "imported", "sentence"),
    [
        ("services/extra.py", "blog.models", "services is not allowed to import blog"),
        ("services/extra.py", "lib", "services is not allowed to import lib"),
        ("users/extra.py", "blog.models", "users is not allowed to import blog"),
        ("blog/extra.py", "config.settings", "blog is not allowed to import config"),
        ("blog/extra.py", "requests", "blog is not allowed to import requests"),
        ("lib/extra.py", "httpx2", "lib is not allowed to import httpx2"),
        ("blog/extra.py", "services.quotes", ""),
        ("api/extra.py", "blog.models", ""),
        ("blog/tests.py", "tests.processes", ""),
        ("blog/extra.py", "tests.processes", "blog is not allowed to import tests"),
    ],
)
def test_its_imports_are_held_to_the_layers(
    project: Path, write: Write, file: str, imported: str, sentence: str
) -> None:
    write(file, f'from {imported} import __name__ as used\n\n__all__ = ["used"]\n')
    linted = attempt(["make", "lint"], project, environment(COLUMNS="200"))
    assert (linted.returncode == 0, sentence in linted.stdout) == (not sentence, True), linted.stdout


def test_a_folder_that_is_no_package_is_named(project: Path, write: Write) -> None:
    write("lib/__init__.py", "")
    (project / "lib" / "__init__.py").unlink()
    write("lib/prices.py", "PRICE = 1\n")
    linted = attempt(["make", "lint"], project, environment())
    assert (linted.returncode, "INP001 File `lib/prices.py`" in linted.stdout) == (2, True), linted.stdout


def test_its_coverage_counts(project: Path, write: Write) -> None:
    write("lib/prices.py", "def price():\n    return 1\n")
    write("lib/test_prices.py", "from lib import prices\n\n\ndef test_it():\n    assert prices\n")
    command = [".venv/bin/pytest", "-q", "-n", "0", "lib", "--cov", "--cov-fail-under=0"]
    said = run(command, project, environment())
    assert "lib/prices.py" in said
    assert "blog/views.py" in said


NINJA = pytest.param({"api": "ninja"}, marks=pytest.mark.long, id="ninja")


@pytest.mark.parametrize("answers", [pytest.param({}, id="default"), NINJA])
def test_ordinary_settings_turn_no_check_red(tmp_path: Path, answers: dict[str, str]) -> None:
    project = generate(tmp_path / "out", answers)
    (project / "templates").mkdir()
    (project / "templates" / "404.html").write_text("<h1>Nothing here</h1>")
    add_settings(project, (ORDINARY.parent / "settings.txt").read_text())
    run(["make", "check"], project, environment(), SUITE)


def test_ordinary_django_passes_every_check(project: Path) -> None:
    shutil.copytree(ORDINARY, project / "shop")
    add_app(project, "shop")
    add_middleware(project, "shop.middleware.TimingMiddleware", "shop.middleware.VersionMiddleware")
    add_urls(project, 'path("shop/", include("shop.urls"))')
    said = run(["make", "check"], project, environment(), SUITE)
    assert "upstreams.I002" in said
    assert "passed" in said
    assert "\nOK\n" in run([".venv/bin/python", "manage.py", "test", "shop"], project, environment())


def test_what_makemigrations_writes_passes_lint(project: Path) -> None:
    models = project / "blog" / "models.py"
    models.write_text(
        "from django.db import models\n\n\nclass Post(models.Model):\n    title = models.TextField()\n"
    )
    add_app(project, "blog")
    run([".venv/bin/python", "manage.py", "makemigrations"], project, environment(**CONFIGURED))
    run(["make", "lint", "typecheck"], project, environment())
