"""Tasks in the outbox reach the broker, whatever happens to it, to the database and to the workers that send them."""

import logging
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.db.models.functions import Now
from django.tasks import task_backends
from django.test.utils import CaptureQueriesContext
from prometheus_client import REGISTRY
from testproject.workers.tasks import note
from upstreams.tasks.celery import outbox
from upstreams.tasks.celery.broker import Broker, EnqueueFailed
from upstreams.tasks.celery.models import Outgoing

CELERY = {
    "BACKEND": "upstreams.tasks.celery.CeleryBackend",
    "OPTIONS": {"URL": "amqp://127.0.0.1:1//", "OUTBOX": True, "LEASE": 30},
}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sent(settings, monkeypatch):
    """The words of the messages that the broker has accepted; it refuses "large"."""
    sent = []
    settings.TASKS = {"default": CELERY}

    def send(_, message):
        if message.args == ["large"]:
            raise ValueError("too large")
        sent.append(*message.args)

    monkeypatch.setattr(Broker, "send", send)
    return sent


@pytest.fixture
def away(monkeypatch):
    def send(_, message):
        raise EnqueueFailed("no broker")

    with monkeypatch.context() as broken:
        broken.setattr(Broker, "send", send)
        yield


@pytest.fixture
def relay():
    """Makes one, as in each worker."""
    return lambda alias="default": outbox.Relay(task_backends[alias])


def words():
    return [row.message["args"][0] for row in Outgoing.objects.all()]


def expire():
    """Let all times pass."""
    Outgoing.objects.update(send_at=Now() - timedelta(seconds=1))


def test_the_oldest_are_sent_first_in_batches(relay, sent, monkeypatch):
    monkeypatch.setattr(outbox, "BATCH_SIZE", 2)
    monkeypatch.setattr(outbox, "SENDERS", 1)
    for word in "abc":
        note.enqueue(word)
    one = relay()
    assert [one.send_batch(), sent[:], words()] == [2, ["a", "b"], ["c"]]
    assert [one.send_batch(), one.send_batch(), sent, words()] == [1, 0, ["a", "b", "c"], []]


def test_enqueueing_needs_no_broker(away):
    result = note.enqueue("a")
    [row] = Outgoing.objects.all()
    assert (row.backend, row.message["id"], row.message["args"]) == ("default", result.id, ["a"])


def test_while_the_broker_is_away_all_wait(relay, away):
    note.enqueue("a")
    note.enqueue("b")
    with pytest.raises(EnqueueFailed):
        relay().send_batch()
    assert words() == ["a", "b"]
    assert Outgoing.objects.filter(send_at__lte=Now()).count() == 2  # of any worker, at once


def test_no_two_workers_send_the_same_task(relay, sent):
    note.enqueue("a")
    relay()._claim()
    assert [relay().send_batch(), sent] == [0, []]


def test_a_worker_that_dies_before_it_deletes_leaves_the_task_to_another(relay, sent, monkeypatch):
    note.enqueue("a")

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("django.db.models.QuerySet.delete", killed)
        with pytest.raises(KeyboardInterrupt):
            relay().send_batch()
    other = relay()
    assert [other.send_batch(), sent] == [0, ["a"]]  # the first one may still live
    expire()
    assert [other.send_batch(), sent, words()] == [1, ["a", "a"], []]


def test_a_task_that_the_broker_refuses_holds_up_no_other(relay, sent, caplog):
    for word in ("a", "large", "b"):
        note.enqueue(word)
    relay().send_batch()
    [row] = Outgoing.objects.all()
    assert (sorted(sent), row.failures, row.error) == (["a", "b"], 1, "ValueError('too large')")
    assert "tasks.note" in caplog.messages[0]
    assert "cannot be sent, trying again in 1 s: ValueError('too large')" in caplog.messages[0]
    assert relay().send_batch() == 0  # not yet
    expire()
    relay().send_batch()
    assert Outgoing.objects.get().failures == 2


def test_a_backend_of_another_name_sends_what_was_written_before(relay, settings, sent):
    note.enqueue("a")
    other = {**CELERY, "OPTIONS": {**CELERY["OPTIONS"], "PREFIX": "other-"}}
    settings.TASKS = {"old": CELERY, "other": other}
    assert relay("other").send_batch() == 0
    assert [relay("old").send_batch(), sent] == [1, ["a"]]


def test_an_empty_outbox_is_one_query(relay):
    one = relay()
    with CaptureQueriesContext(connection) as queries:
        one.send_batch()
    assert len(queries) == 1


def test_what_waits_is_counted(relay, away):
    note.enqueue("a")
    relay()._count()
    assert REGISTRY.get_sample_value("tasks_outbox") == 1


def test_a_batch_ends_before_its_claim(relay, sent, monkeypatch):
    note.enqueue("a")
    note.enqueue("b")
    monkeypatch.setattr(outbox, "SENDERS", 1)
    monkeypatch.setattr(outbox, "monotonic", iter([0, 0, 16]).__next__)
    relay().send_batch()
    assert (sent, words()) == (["a"], ["b"])
    assert Outgoing.objects.filter(send_at__lte=Now()).count() == 1


@pytest.mark.parametrize(
    "error", [EnqueueFailed("no broker"), OperationalError("gone"), LookupError("a bug")]
)
def test_the_thread_outlives_errors_and_logs_an_outage_once(relay, monkeypatch, caplog, error):
    monkeypatch.setattr(outbox, "MAX_PAUSE", 0.001)
    monkeypatch.setattr(outbox, "POLL_INTERVAL", 0.001)
    one = relay()
    ended = iter([error, error, None])

    def send_batch():
        if raised := next(ended):
            raise raised
        one._stop_requested.set()
        return 0

    one.send_batch = send_batch
    one.run()
    times = 2 if isinstance(error, LookupError) else 1
    assert [record.levelno for record in caplog.records] == [logging.ERROR] * times
