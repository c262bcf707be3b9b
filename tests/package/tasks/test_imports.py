"""Importing the modules of the queues changes nothing; a missing extra or app is one sentence."""

import importlib
import os
import subprocess
import sys

import pytest
from celery import current_app
from django.core.checks.registry import registry
from django.core.exceptions import ImproperlyConfigured
from django.db.models.signals import post_save, pre_save
from django.tasks import task_backends
from testproject.processes import SECONDS
from upstreams import tasks

CELERY = {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": {"URL": "amqp://127.0.0.1:1//"}}
DATABASE = {"BACKEND": "upstreams.tasks.database.DatabaseBackend"}
MODULES = (
    "upstreams.tasks.database.leases",
    "upstreams.tasks.database.worker",
    "upstreams.tasks.schedule.checks",
    "upstreams.tasks.celery.work",
    "upstreams.tasks.celery.worker",
    "upstreams.tasks.health_server",
)


@pytest.fixture
def reload(monkeypatch):
    """Imports a module as if it had not been imported."""

    def reload(module):
        monkeypatch.delitem(sys.modules, module, raising=False)
        return importlib.import_module(module)

    return reload


@pytest.mark.parametrize("module", MODULES)
def test_an_import_registers_nothing_with_django_or_celery(reload, module):
    def registered():
        signals = len(pre_save.receivers), len(post_save.receivers)
        return *signals, len(registry.registered_checks), set(current_app.tasks)

    before = registered()
    reload(module)
    assert registered() == before


def test_a_project_without_celery_does_not_import_it():
    code = (
        "import sys, django; sys.modules['celery'] = sys.modules['kombu'] = None; django.setup();"
        "from django.conf import settings; from django.tasks import task_backends; list(task_backends.all());"
        "from django.core.management import call_command; call_command('check');"
        "import upstreams.management.commands.worker, upstreams.tasks.database.worker, upstreams.tasks.prune;"
        "assert 'upstreams.tasks.celery' not in sys.modules"
    )
    settings = "testproject.workers.database_only"
    done = run(code, settings)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("package", "module", "extra"),
    [
        ("celery", "upstreams.tasks.celery", "celery"),
        ("django_tasks_db", "upstreams.tasks.database", "tasks"),
    ],
)
def test_a_missing_extra_is_one_sentence(reload, monkeypatch, package, module, extra):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        ImproperlyConfigured,
        match=rf"^{module} needs an extra: scripts/uv add 'django-upstreams\[{extra}\]'$",
    ):
        reload(module)


def test_a_django_without_tasks_is_one_sentence(monkeypatch):
    monkeypatch.setattr("django.VERSION", (5, 2, 9, "final", 0))
    with pytest.raises(ImproperlyConfigured, match=r"^upstreams\.tasks needs Django 6\.0 or newer"):
        importlib.reload(tasks)


@pytest.mark.parametrize(
    ("backend", "app"), [(CELERY, "upstreams.tasks.celery"), (DATABASE, "upstreams.tasks.database")]
)
def test_a_missing_app_is_one_sentence(settings, backend, app):
    settings.TASKS = {"default": backend}
    settings.INSTALLED_APPS = [one for one in settings.INSTALLED_APPS if one != app]
    assert found() == [f'TASKS["default"]: add "{app}" to INSTALLED_APPS']


@pytest.mark.parametrize("backend", [CELERY, DATABASE])
def test_a_schedule_without_its_app_is_one_sentence(settings, backend):
    settings.TASKS = {"default": backend}
    settings.INSTALLED_APPS = [one for one in settings.INSTALLED_APPS if one != "upstreams.tasks.schedule"]
    assert found() == []
    settings.UPSTREAMS_SCHEDULE = {"upstreams.tasks.prune.prune": 3600}
    assert found() == ['TASKS["default"]: add "upstreams.tasks.schedule" to INSTALLED_APPS']


def found():
    return [error.msg for error in task_backends["default"].check()]


def run(code, settings):
    return subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"DJANGO_SETTINGS_MODULE": settings},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
