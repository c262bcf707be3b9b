"""`manage.py worker` for both queues: what it refuses, in one sentence."""

import pytest
from django.core.management import CommandError, call_command

DATABASE = {"BACKEND": "upstreams.tasks.database.DatabaseBackend"}
CELERY = {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": {"URL": "amqp://127.0.0.1:1//"}}
DUMMY = {"BACKEND": "django.tasks.backends.dummy.DummyBackend"}


@pytest.fixture(autouse=True)
def backends(settings):
    settings.TASKS = {"default": DATABASE, "broker": CELERY, "dummy": DUMMY}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--backend", "gone"], "--backend gone: not in settings.TASKS, which has default, broker, dummy"),
        (["--backend", "dummy"], 'TASKS["dummy"]: tasks of DummyBackend need no worker'),
        (["--pool", "prefork"], "--pool, --concurrency: this worker runs one task at a time; start several"),
        (["--concurrency", "2"], "--pool, --concurrency: this worker runs one task at a time; start several"),
        (
            ["--backend", "broker", "--batch"],
            "--batch: a worker of Celery cannot know when no task is left",
        ),
    ],
)
def test_an_option_that_does_not_fit_is_one_sentence(arguments, message):
    with pytest.raises(CommandError) as caught:
        call_command("worker", *arguments)
    assert str(caught.value) == message


def test_a_port_without_its_extra_is_one_sentence(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "uvicorn", None)
    with pytest.raises(
        CommandError, match=r"^--port needs an extra: scripts/uv add 'django-upstreams\[asgi\]'$"
    ):
        call_command("worker", "--port", "8001")
