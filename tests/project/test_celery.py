"""Celery as teams know it, in a project with that answer: `@shared_task`, `delay`, and Celery's own commands."""

from pathlib import Path

import pytest
from generation import generate
from processes import attempt, environment, run

TASKS = '''"""Tasks of a team."""

from celery import shared_task


@shared_task
def double(number: int) -> int:
    """Return it twice."""
    return 2 * number
'''
TESTS = '''"""Tests of a team."""

from shop.tasks import double


def test_delay_calls_the_task() -> None:
    assert double.delay(2).get() == 4
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = generate(tmp_path_factory.mktemp("celery") / "out", {"task_queue": "celery"})
    run(["sh", "scripts/uv", "sync", "--quiet"], project, environment())
    run([".venv/bin/python", "manage.py", "startapp", "shop"], project, development())
    settings = project / "config" / "settings.py"
    settings.write_text(
        settings.read_text().replace('    "services",\n', '    "services",\n    "shop",\n', 1)
    )
    (project / "shop" / "tasks.py").write_text(TASKS)
    (project / "shop" / "tests.py").write_text(TESTS)
    return project


def development() -> dict[str, str]:
    return environment(DEBUG="true", SECRET_KEY="s" * 50)


def test_the_app_of_celerys_commands_knows_the_tasks_of_each_app(project: Path) -> None:
    code = "from config.celery import app; print(app.tasks['shop.tasks.double'].app.main)"
    assert run([".venv/bin/python", "-c", code], project, development()).strip() == "default"


def test_celerys_own_worker_is_refused(project: Path) -> None:
    done = attempt([".venv/bin/celery", "-A", "config", "worker"], project, development())
    assert done.returncode
    assert "run `python manage.py worker`" in done.stderr


def test_delay_calls_the_task_in_tests(project: Path) -> None:
    assert "1 passed" in run([".venv/bin/pytest", "-q", "-n", "0", "shop"], project, environment())


def test_its_types_and_style_hold(project: Path) -> None:
    run(["make", "lint", "typecheck"], project, environment())
