"""What a request sees of the broker: it takes a task, or one error says that it does not."""

import asyncio
import socket
from datetime import timedelta
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.tasks import task_backends
from django.utils import timezone
from testproject.favourites.models import Favourite
from testproject.favourites.tasks import announce
from upstreams import UpstreamError
from upstreams.environ import Env
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.broker import EnqueueFailed, close_broker_connections
from upstreams.tasks.celery.models import Outgoing

from tasks.conftest import delete

DEAD = {"amqp": "amqp://me:secret@127.0.0.1:{}//", "redis": "redis://:secret@127.0.0.1:{}/0"}


def backend_at(url):
    return CeleryBackend("default", {"OPTIONS": {"URL": url, "BACKOFF": 10, "MAX_BACKOFF": 600}})


@pytest.fixture(params=DEAD.values(), ids=list(DEAD))
def refusing(request):
    """Nothing listens there."""
    return backend_at(request.param.format(1))


@pytest.fixture(params=DEAD.values(), ids=list(DEAD))
def silent(request):
    """Somebody listens there, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield backend_at(request.param.format(listener.getsockname()[1]))


@pytest.fixture
def held(backend):
    """How many messages wait."""
    return lambda: backend.broker.queued()["default"]


def test_a_broker_that_is_down_is_one_sentence_without_the_password(refusing):
    message = r"task testproject\.favourites\.tasks\.announce: (amqp|redis)://.*:1/.* does not accept it \(.*refused.*\); check BROKER_URL"
    with pytest.raises(EnqueueFailed, match=message) as caught:
        refusing.enqueue(announce, (1,), {})
    assert "secret" not in str(caught.value)


def test_a_broker_that_is_silent_is_given_up(silent):
    with pytest.raises(EnqueueFailed, match="does not accept it"):
        silent.enqueue(announce, (1,), {})


async def test_a_silent_broker_does_not_block_the_event_loop(silent):
    enqueueing = asyncio.create_task(silent.aenqueue(announce, (1,), {}))
    await asyncio.sleep(0.1)
    assert not enqueueing.done()
    with pytest.raises(EnqueueFailed):
        await enqueueing


async def test_a_request_needs_no_broker_with_an_outbox(aclient, bearer, settings, refusing):
    options = {"URL": refusing.broker.url, "OUTBOX": True}
    settings.TASKS = {"default": {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": options}}
    response = await aclient.post("/v1/favourites", json={"text": "a", "author": "b"}, headers=bearer)
    assert response.status_code == 201
    assert await Favourite.objects.acount() == await Outgoing.objects.acount() == 1


async def test_arguments_that_are_no_json_are_refused_by_name(refusing):
    message = "task testproject.favourites.tasks.announce: Unsupported type: <class 'set'>: its arguments must be JSON"
    with pytest.raises(TypeError, match=message):
        refusing.enqueue(announce, ({1},), {})
    with pytest.raises(TypeError, match=message):
        await refusing.aenqueue(announce, ({1},), {})


def test_what_is_enqueued_waits_until_a_worker_takes_it(backend, held):
    backend.enqueue(announce, (1,), {})
    backend.enqueue(announce.using(priority=50), (2,), {})
    assert held() == 2


def test_a_queue_that_was_deleted_is_made_anew(backend, held, broker_url, prefix):
    backend.enqueue(announce, (1,), {})
    delete(broker_url, prefix)
    backend.enqueue(announce, (2,), {})
    backend.enqueue(announce, (3,), {})
    assert held() == 2


def test_a_connection_that_has_died_is_replaced(proxy, prefix, held):
    backend = CeleryBackend("default", {"OPTIONS": {"URL": proxy.url, "PREFIX": prefix}})
    backend.enqueue(announce, (1,), {})
    proxy.close_all()
    backend.enqueue(announce, (2,), {})
    backend.broker.close()
    assert held() == 2


def test_threads_share_the_connections_of_a_process(proxy, prefix, settings):
    options = {"URL": proxy.url, "PREFIX": prefix}
    settings.TASKS = {"default": {"BACKEND": "upstreams.tasks.celery.CeleryBackend", "OPTIONS": options}}
    announce.enqueue(1)
    accepted = proxy.accepted
    thread = Thread(target=announce.enqueue, args=(2,))
    thread.start()
    thread.join()
    task_backends["default"].broker.close()
    assert proxy.accepted == accepted


def test_a_delay_needs_no_worker_that_prepared_it(backend):
    backend.enqueue(announce.using(run_after=timezone.now() + timedelta(days=1)), (1,), {})


async def test_the_lifespan_closes_what_enqueuing_opened(backend, monkeypatch):
    monkeypatch.setattr("upstreams.tasks.celery.broker.task_backends.all", lambda: [backend])
    with close_broker_connections():
        await backend.aenqueue(announce, (1,), {})
    # The guard against leaks looks at the rest.


@pytest.mark.parametrize(("failed", "least", "most"), [(1, 5, 10), (2, 10, 20), (9, 300, 600)])
def test_each_attempt_waits_longer(failed, least, most):
    assert least <= backend_at("").delay(failed, LookupError()) <= most


def test_an_upstream_that_asks_for_time_gets_it():
    assert backend_at("").delay(1, UpstreamError("busy", retry_after=60)) >= 60


@pytest.mark.parametrize("url", ["localhost", "http://a/b", "amqp://", "redis://a:b:c"])
def test_a_wrong_broker_url_is_refused(monkeypatch, url):
    monkeypatch.setenv("BROKER_URL", url)
    with pytest.raises(
        ImproperlyConfigured, match="BROKER_URL: write amqp://user:password@host:5672/vhost or redis"
    ):
        Env.read()


def test_a_broker_and_a_queue_have_to_be_named():
    backend = CeleryBackend("default", {"QUEUES": [], "OPTIONS": {}})
    assert [error.msg for error in backend.check()] == [
        'TASKS["default"]: URL is empty: set BROKER_URL, such as amqp://user:password@host:5672/vhost',
        'TASKS["default"]: QUEUES is empty: name the queues of the workers, such as "default"',
    ]
