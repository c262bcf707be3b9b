"""What recurs is enqueued when it is due, by one worker."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.utils import timezone

from testing.tasks import Recorded
from worker.schedule.checks import scheduled_tasks_exist
from worker.schedule.due import enqueue_due
from worker.schedule.models import NEVER, Scheduled

HOURLY = {"tests.worker.tasks.recur": 3600}


@pytest.fixture(autouse=True)
def hourly(settings):
    settings.SCHEDULE = HOURLY


@pytest.fixture
def due(db, tasks):
    """Looks what is due, and says which tasks were enqueued."""

    def due():
        enqueue_due()
        return [result.task.name for result in tasks.enqueued]

    return due


def test_it_is_enqueued_at_once_and_again_when_its_time_has_come(due):
    assert due() == ["recur"]
    assert due() == ["recur"]
    Scheduled.objects.update(last=timezone.now() - timedelta(seconds=3610))
    assert due() == ["recur", "recur"]


def test_what_comes_more_often_from_now_on_does_so_at_once(due, settings):
    Scheduled.objects.create(task="tests.worker.tasks.recur", last=timezone.now() - timedelta(seconds=70))
    assert due() == []
    settings.SCHEDULE = {"tests.worker.tasks.recur": 60}
    assert due() == ["recur"]


def test_what_cannot_be_enqueued_is_still_due_and_holds_up_nothing_else(due, settings, monkeypatch, caplog):
    def enqueue(self, task, args, kwargs):
        raise OperationalError("no broker")

    settings.SCHEDULE = {"gone.task": 60, **HOURLY}
    with monkeypatch.context() as broken:
        broken.setattr(Recorded, "enqueue", enqueue)
        assert due() == []
    assert set(Scheduled.objects.values_list("last", flat=True)) == {NEVER}
    assert caplog.messages == [
        "scheduled gone.task cannot be enqueued, which is tried again",
        "scheduled tests.worker.tasks.recur cannot be enqueued, which is tried again",
    ]
    assert due() == ["recur"]


@pytest.mark.parametrize(
    "wrong", [{"gone.task": 60}, {"tests.worker.tasks.say": 60}, {"worker.tasks.prune": 0}]
)
def test_what_is_no_task_is_named(settings, wrong):
    settings.SCHEDULE = wrong
    (error,) = scheduled_tasks_exist()
    (path,) = wrong
    assert (
        error.msg
        == f'SCHEDULE["{path}"]: write the path of a function that is a @task, and seconds, more than 0'
    )
