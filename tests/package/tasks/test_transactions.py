"""What `enqueue` means inside a transaction, which is the same on every backend; and which arguments all of them refuse."""

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult
from testproject.workers.tasks import note
from upstreams.tasks.celery.broker import Broker
from upstreams.tasks.celery.models import Outgoing

DATABASE = {"BACKEND": "upstreams.tasks.database.DatabaseBackend"}
CELERY = {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": {"URL": "amqp://127.0.0.1:1//"}}
OUTBOX = {**CELERY, "OPTIONS": {**CELERY["OPTIONS"], "OUTBOX": True}}
RECORDING = {"BACKEND": "upstreams.testing.tasks.RecordingBackend"}
BACKENDS = {"database": DATABASE, "celery": CELERY, "outbox": OUTBOX, "recording": RECORDING}


@pytest.fixture
def sent(monkeypatch):
    """What a broker has accepted."""
    sent = []
    monkeypatch.setattr(Broker, "send", lambda _, message: sent.append(message))
    return sent


@pytest.fixture(params=BACKENDS)
def enqueued(request, settings, sent, tasks):
    """Returns the number of tasks that will run."""
    settings.TASKS = {"default": BACKENDS[request.param]}
    return {
        "database": DBTaskResult.objects.count,
        "celery": lambda: len(sent),
        "outbox": Outgoing.objects.count,
        "recording": lambda: len(tasks.enqueued),
    }[request.param]


@pytest.mark.django_db(transaction=True)
def test_a_task_of_a_transaction_that_commits_is_enqueued(enqueued):
    with transaction.atomic():
        note.enqueue("a")
    assert enqueued() == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_outside_of_a_transaction_is_enqueued_at_once(enqueued):
    note.enqueue("a")
    assert enqueued() == 1


@pytest.mark.django_db(transaction=True)
def test_a_task_of_a_transaction_that_rolls_back_is_not_enqueued(enqueued):
    with transaction.atomic():
        note.enqueue("a")
        transaction.set_rollback(True)
    assert enqueued() == 0


@pytest.mark.django_db(transaction=True)
def test_a_rollback_to_a_savepoint_takes_back_what_was_enqueued_after_it(enqueued):
    with transaction.atomic():
        note.enqueue("a")
        with transaction.atomic():
            note.enqueue("b")
            transaction.set_rollback(True)
    assert enqueued() == 1


@pytest.mark.django_db(transaction=True)
def test_a_broker_without_an_outbox_gets_a_task_only_after_the_commit(settings, sent):
    settings.TASKS = {"default": CELERY}
    with transaction.atomic():
        note.enqueue("a")
        assert sent == []
    assert len(sent) == 1


def test_a_broker_without_an_outbox_needs_no_database(settings, sent):
    settings.TASKS = {"default": CELERY}
    note.enqueue("a")  # this test may not use one
    assert len(sent) == 1


async def test_a_task_of_the_tests_transaction_is_recorded(async_db, tasks):
    await note.aenqueue("a")
    assert [result.args for result in tasks.enqueued] == [["a"]]
    await tasks.run()
    assert tasks.enqueued == []


NESTED = []
for _ in range(100_000):
    NESTED = [NESTED]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "argument",
    [
        float("nan"),
        float("inf"),
        "\0",
        b"\0",
        "\ud800",
        {"a": [-float("inf")]},
        {"\0": 1},
        {1},
        10**5000,
        NESTED,
    ],
    ids=lambda value: str(type(value)),
)
def test_every_backend_refuses_what_is_not_json(enqueued, argument):
    message = "^task testproject.workers.tasks.note: .*: its arguments must be JSON, such as ids and text$"
    with pytest.raises(TypeError, match=message):
        note.enqueue(argument)
    with pytest.raises(TypeError, match=message):
        note.enqueue(word=argument)
    assert enqueued() == 0
