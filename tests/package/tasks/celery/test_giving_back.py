"""Messages that a worker gives back to the broker."""

from types import SimpleNamespace

import pytest
from celery.exceptions import Reject
from testproject.processes import SECONDS
from testproject.workers import tasks
from upstreams.tasks.celery import work as module
from upstreams.tasks.celery.app import DELIVERY_LIMIT
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.broker import EnqueueFailed

from tasks.log_lines import assert_success, line, wait_for_line


@pytest.fixture
def refusing(monkeypatch, settings):
    """A broker that accepts no message; what workers took from it, and how long they waited before they gave it back."""
    options = {"URL": "amqp://nowhere.test//", "MAX_ATTEMPTS": 3}
    settings.TASKS = {"default": {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": options}}
    sent, waited = [], []

    def refuse(broker, message):
        sent.append(message)
        raise EnqueueFailed("no")

    monkeypatch.setattr(
        "upstreams.tasks.celery.broker.Broker.send", lambda broker, message: sent.append(message)
    )
    monkeypatch.setattr(module.stopping, "wait", waited.append)
    CeleryBackend("default", {"OPTIONS": options}).enqueue(tasks.fail, (), {})
    monkeypatch.setattr("upstreams.tasks.celery.broker.Broker.send", refuse)
    return SimpleNamespace(message=sent.pop().json(), waited=waited)


def run(message, **headers):
    request = SimpleNamespace(id="1", hostname="w", delivery_info={}, get=headers.get)
    task = SimpleNamespace(app=SimpleNamespace(main="default"), request=request)
    with pytest.raises(Reject) as caught:
        module.work(task, message)
    return caught.value.requeue


@pytest.mark.parametrize(("deliveries", "seconds"), [(None, 5), (1, 10), (3, 40), (4, 60), (2000, 60)])
def test_a_worker_that_cannot_send_the_next_attempt_waits_before_it_gives_back(refusing, deliveries, seconds):
    assert run(refusing.message, **{"x-delivery-count": deliveries}) is True
    assert refusing.waited == [seconds]


@pytest.mark.parametrize("message", [{}, {"id": 1}, [], None], ids=repr)
def test_a_message_that_this_version_cannot_read_is_given_back(refusing, message):
    assert run(message) is True
    assert refusing.waited == [5]


@pytest.mark.processes
@pytest.mark.parametrize("broker_url", ["rabbitmq"], indirect=True)
def test_what_is_given_back_again_and_again_becomes_a_dead_letter(start, backend):
    backend.broker.app.send_task("testproject.workers.shared.refuse", queue=f"{backend.broker.prefix}default")
    worker = start()
    assert [line(worker) for _ in range(DELIVERY_LIMIT + 1)] == [
        f"after {n}" for n in range(DELIVERY_LIMIT + 1)
    ]
    worker.terminate()
    assert_success(worker)
    assert "after" not in worker.stdout.read()
    assert backend.broker.queued() == {"default": 0, "dead-letters": 1}


@pytest.mark.processes
@pytest.mark.parametrize("broker_url", ["rabbitmq"], indirect=True)
def test_a_task_that_no_worker_knows_becomes_a_dead_letter(start, backend):
    backend.broker.app.send_task("nowhere.unknown", queue=f"{backend.broker.prefix}default")
    worker = start()
    assert "nowhere.unknown" in wait_for_line(worker, "unregistered task")
    worker.terminate()
    assert_success(worker)
    assert backend.broker.queued() == {"default": 0, "dead-letters": 1}


@pytest.mark.processes
@pytest.mark.parametrize("broker_url", ["rabbitmq"], indirect=True)
def test_a_queue_of_another_version_is_named(start, backend):
    with backend.broker.connection() as connection:
        name = f"{backend.broker.prefix}default"
        connection.default_channel.queue_declare(name, durable=True, auto_delete=False)
    worker = start()
    said = wait_for_line(worker, "RabbitMQ has the queue with the arguments of another version")
    assert (name in said, worker.wait(SECONDS)) == (True, 1)
