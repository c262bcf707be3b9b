"""What recurs is enqueued when it is due, by one worker."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.db import OperationalError
from django.utils import timezone
from upstreams.tasks.schedule import enqueue_due_tasks
from upstreams.tasks.schedule.models import NEVER, Scheduled
from upstreams.testing.tasks import RecordingBackend

HOURLY = {"testproject.workers.tasks.recur": 3600}


@pytest.fixture(autouse=True)
def hourly(settings):
    settings.UPSTREAMS_SCHEDULE = HOURLY


@pytest.fixture
def due(db, tasks):
    """Looks what is due, and says which tasks were enqueued."""

    def due():
        enqueue_due_tasks()
        return [result.task.name for result in tasks.enqueued]

    return due


def test_it_is_enqueued_at_once_and_again_when_its_time_has_come(due):
    assert due() == ["recur"]
    assert due() == ["recur"]
    Scheduled.objects.update(last=timezone.now() - timedelta(seconds=3610))
    assert due() == ["recur", "recur"]


def test_what_comes_more_often_from_now_on_does_so_at_once(due, settings):
    Scheduled.objects.create(
        task="testproject.workers.tasks.recur", last=timezone.now() - timedelta(seconds=70)
    )
    assert due() == []
    settings.UPSTREAMS_SCHEDULE = {"testproject.workers.tasks.recur": 60}
    assert due() == ["recur"]


def test_what_cannot_be_enqueued_is_still_due_and_holds_up_nothing_else(due, settings, monkeypatch, caplog):
    def enqueue(self, task, args, kwargs):
        raise OperationalError("no broker")

    settings.UPSTREAMS_SCHEDULE = {"gone.task": 60, **HOURLY}
    with monkeypatch.context() as broken:
        broken.setattr(RecordingBackend, "enqueue", enqueue)
        assert due() == []
    assert set(Scheduled.objects.values_list("last", flat=True)) == {NEVER}
    assert caplog.messages == [
        "periodic task gone.task cannot be enqueued; trying again",
        "periodic task testproject.workers.tasks.recur cannot be enqueued; trying again",
    ]
    assert due() == ["recur"]


@pytest.mark.parametrize(
    ("path", "seconds", "code", "problem"),
    [
        ("gone.task", 60, "E030", "expected the dotted path of a task (No module named 'gone')"),
        (
            "testproject.workers.tasks.say",
            60,
            "E030",
            "expected the dotted path of a task; decorate the function with @task",
        ),
        ("upstreams.tasks.prune.prune", 0, "E009", "expected a number > 0.0"),
        ("upstreams.tasks.prune.prune", "daily", "E009", "expected a number"),
    ],
)
def test_a_wrong_path_or_interval_is_one_sentence(settings, path, seconds, code, problem):
    settings.UPSTREAMS_SCHEDULE = {path: seconds}
    (error,) = run_checks(tags=["upstreams"])
    assert (error.id, error.msg) == (f"upstreams.{code}", f'UPSTREAMS_SCHEDULE["{path}"]: {problem}')


def test_the_check_passes_with_a_task(settings):
    settings.UPSTREAMS_SCHEDULE = {"upstreams.tasks.prune.prune": 3600}
    assert run_checks(tags=["upstreams"]) == []
