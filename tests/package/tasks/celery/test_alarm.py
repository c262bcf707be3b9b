"""RabbitMQ blocks publishers while it is short of memory or disk, or does not respond: enqueueing does not wait for it."""

import struct
import time
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from amqp.exceptions import MessageNacked
from kombu.transport import pyamqp
from testproject.favourites.tasks import announce
from testproject.workers import tasks
from upstreams.tasks.celery import app
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.broker import EnqueueFailed
from upstreams.testing.proxy import Proxy

from tasks.log_lines import outcomes, wait_for_line

pytestmark = pytest.mark.parametrize("broker_url", ["rabbitmq"], indirect=True)

PUBLISH = struct.pack(">HH", 60, 40)
BLOCKED, UNBLOCKED = (
    struct.pack(">BHI", 1, 0, len(method)) + method + b"\xce"
    for method in (struct.pack(">HHB", 10, 60, 3) + b"low", struct.pack(">HH", 10, 61))
)


class AlarmProxy(Proxy):
    """In an alarm, it does as RabbitMQ does: a connection that sends a message is blocked, and not read until its end."""

    alarm = False

    def __init__(self, host, port):
        super().__init__(host, port)
        self._held = []

    def end(self):
        """End the alarm."""
        self.alarm = False
        self._loop.call_soon_threadsafe(self._release)

    def _release(self):
        for data, upstream, caller in self._held:
            caller.write(UNBLOCKED)
            upstream.write(data)
        self._held.clear()

    async def _forward(self, reader, upstream, caller):
        while data := await reader.read(65536):
            if self.alarm and PUBLISH in data:
                self._held.append((data, upstream, caller))
                caller.write(BLOCKED)
                await self._stopped.wait()
            upstream.write(data)


@pytest.fixture
def proxy(broker_url):
    url = urlsplit(broker_url)
    with AlarmProxy(url.hostname, url.port) as proxy:
        proxy.url = broker_url.replace(f":{url.port}", f":{urlsplit(proxy.url).port}")
        yield proxy


@pytest.fixture
def backend(proxy, prefix):
    backend = CeleryBackend("default", {"OPTIONS": {"URL": proxy.url, "PREFIX": prefix}})
    yield backend
    proxy.alarm = False
    backend.broker.close()


@pytest.fixture
def refused():
    """Seconds that a refusal may take."""
    started = time.monotonic()
    yield
    assert time.monotonic() - started < 2


@pytest.fixture
def rejecting(monkeypatch):
    """Lets the broker reject the next messages, as a queue without a leader does."""
    publish = pyamqp.Channel.basic_publish_confirm
    left = []

    def publish_or_reject(*args, **options):
        if left:
            raise left.pop()
        return publish(*args, **options)

    monkeypatch.setattr(pyamqp.Channel, "basic_publish_confirm", publish_or_reject)
    return lambda times: left.extend([MessageNacked()] * times)


@pytest.fixture
def proven(backend):
    """The pool has a connection that has worked."""
    backend.enqueue(announce, (1,), {})


async def test_an_alarm_is_an_error_at_once(backend, proven, proxy, refused):
    proxy.alarm = True
    with pytest.raises(
        EnqueueFailed, match=r"does not accept it \(it blocks publishers: an alarm of its mem"
    ):
        backend.enqueue(announce, (1,), {})
    with pytest.raises(EnqueueFailed, match="blocks publishers"):
        await backend.aenqueue(announce, (1,), {})


def test_an_alarm_costs_the_broker_no_connections(backend, proxy):
    proxy.alarm = True
    for _ in range(20):
        with pytest.raises(EnqueueFailed):
            backend.enqueue(announce, (1,), {})
    assert proxy.accepted == 1


def test_the_end_of_an_alarm_is_noticed(backend, proven, proxy):
    proxy.alarm = True
    with pytest.raises(EnqueueFailed):
        backend.enqueue(announce, (1,), {})
    proxy.end()
    wait_until_accepted(backend)


def test_a_broker_that_ends_in_an_alarm_is_used_when_it_is_back(backend, proven, proxy):
    proxy.alarm = True
    with pytest.raises(EnqueueFailed):
        backend.enqueue(announce, (1,), {})
    proxy.alarm = False
    proxy.close_all()
    wait_until_accepted(backend)


def test_a_worker_is_not_blocked(backend, proven, proxy):
    proxy.alarm = True
    with pytest.raises(EnqueueFailed):
        backend.enqueue(announce, (1,), {})
    assert backend.broker.queued()["default"] == 1


@pytest.mark.processes
def test_a_worker_gives_back_what_it_cannot_send_after_a_pause(start, backend, proxy):
    backend.enqueue(tasks.fail_twice, (), {})
    proxy.alarm = True
    worker = start(BROKER_URL=proxy.url)
    wait_for_line(worker, "blocks publishers")
    refused = time.monotonic()
    wait_for_line(worker, "blocks publishers")
    assert time.monotonic() - refused > 4.5
    proxy.end()
    wait_for_line(worker, "fail_twice: succeeded")


@pytest.mark.processes
def test_a_worker_with_an_outbox_gives_nothing_back(start, backend, proxy):
    backend.enqueue(tasks.fail_twice, (), {})
    proxy.alarm = True
    worker = start(BROKER_URL=proxy.url, OUTBOX="1")
    assert outcomes(worker, 1) == [("fail_twice", 1, "retried")]
    proxy.end()
    wait_for_line(worker, "fail_twice: succeeded")


def test_a_broker_that_stops_responding_is_given_up(backend, proven, proxy, refused, monkeypatch):
    monkeypatch.setattr(app, "SEND_TIMEOUT", 0.5)
    proxy.freeze_all()
    with pytest.raises(EnqueueFailed, match="timed out"):
        backend.enqueue(announce, (1,), {})


def test_a_message_that_was_rejected_is_sent_once_more(backend, rejecting):
    rejecting(1)
    backend.enqueue(announce, (1,), {})
    rejecting(2)
    with pytest.raises(EnqueueFailed, match=r"does not accept it \(MessageNacked\(\)\)"):
        backend.enqueue(announce, (1,), {})


def wait_until_accepted(backend):
    for _ in range(10_000):
        with suppress(EnqueueFailed):
            return backend.enqueue(announce, (2,), {})
    pytest.fail("still refused")
