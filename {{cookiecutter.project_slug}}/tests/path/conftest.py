import threading

import pytest
from django.core.handlers.asgi import ASGIHandler
from django.core.signals import request_finished, request_started

from server.executors import Executors
from server.handler import Handler, Receivers
from tests.path.threads import Gate, Watched


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = "tests.path.urls"


@pytest.fixture
async def app():
    executors = Executors(Handler(), 2)
    async with executors.kept():
        yield executors


@pytest.fixture(params=["inline", "in the thread"])
def signals(request, monkeypatch):
    """What was signalled, by a receiver that counts as Django's own, or by one of a project."""
    seen = []

    def on_start(**_):
        seen.append("started")

    def on_finish(**_):
        seen.append("finished")

    if request.param == "inline":
        monkeypatch.setattr(Receivers, "DJANGOS", Receivers.DJANGOS | {id(on_start), id(on_finish)})
    request_started.connect(on_start)
    request_finished.connect(on_finish)
    yield seen
    request_started.disconnect(on_start)
    request_finished.disconnect(on_finish)


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
async def gate():
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture(params=[Handler, ASGIHandler], ids=["ours", "stock"])
async def executors(request):
    executors = Watched(request.param(), 1)
    async with executors.kept():
        yield executors
