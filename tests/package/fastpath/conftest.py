import threading

import pytest
from django.core.cache import close_caches
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished, request_started
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.signals import SignalReceivers
from upstreams.fastpath.thread_pool import ThreadPool

from fastpath.threads import Gate, Watched


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = "fastpath.urls"


@pytest.fixture(params=[Handler, ASGIHandler], ids=["ours", "stock"])
def handler(request):
    """What serves with `UPSTREAMS_FAST_PATH`, and what serves without."""
    return request.param


@pytest.fixture
async def app(handler):
    executors = ThreadPool(handler(), 2)
    async with executors.keep_threads():
        yield executors


@pytest.fixture(params=["inline", "in the thread"])
def signals(request, monkeypatch, handler):
    """What was signalled to a project's receivers, or, where there are none, what was done in their place."""
    seen = []

    def on_start(**_):
        seen.append("started")

    def on_finish(**_):
        seen.append("finished")

    if request.param == "inline" and handler is Handler:
        start = Handler._send_started
        monkeypatch.setattr(Handler, "_send_started", lambda *of: (on_start(), start(*of))[1])
        monkeypatch.setattr(Handler, "_close_caches", lambda _: on_finish())
        request_finished.disconnect(close_caches)
        request_finished.connect(on_finish)  # what took a thread signals its end
        monkeypatch.setattr(
            SignalReceivers, "BUILTIN_RECEIVERS", SignalReceivers.BUILTIN_RECEIVERS | {id(on_finish)}
        )
    else:
        request_started.connect(on_start)
        request_finished.connect(on_finish)
    yield seen
    request_started.disconnect(on_start)
    request_finished.disconnect(on_finish)
    request_finished.connect(close_caches)


@pytest.fixture
def receivers():
    """Which receivers of a project ran, and in which thread."""
    seen = []

    def sync(**_):
        seen.append(("sync", threading.current_thread().name))

    async def asynchronous(**_):
        seen.append(("async", threading.current_thread().name))

    ours = [(signal, one) for signal in (request_started, request_finished) for one in (sync, asynchronous)]
    for signal, receiver in ours:
        signal.connect(receiver)
    yield seen
    for signal, receiver in ours:
        signal.disconnect(receiver)


@pytest.fixture
def noted(monkeypatch):
    """The threads in which a function was called."""

    def noted(kind, name):
        threads = []
        function = getattr(kind, name)

        def noting(*more, **named):
            threads.append(threading.current_thread().name.partition("-")[0])
            return function(*more, **named)

        monkeypatch.setattr(kind, name, noting)
        return threads

    return noted


@pytest.fixture
async def gate():
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
async def executors(handler):
    executors = Watched(handler(), 1)
    async with executors.keep_threads():
        yield executors
