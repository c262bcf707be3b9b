"""A request leaves no reference cycle of ours, however it ends: its memory would wait for the garbage collector."""

import asyncio
import gc
import logging
import tracemalloc

import pytest
from testproject.driver import Client
from upstreams import conf
from upstreams.asgi.application import get_asgi_application
from upstreams.testing.lifespan import run_lifespan

from fastpath import cycles, kinds
from fastpath.kinds import REQUESTS, get, post

FAILURES = ["refused", "reset_before_first_byte", "reset_on_reused_connection", "reset_in_body", "not_http"]
STATUSES = {404: 502, 429: 503, 500: 502, 503: 503}


@pytest.fixture(params=[True, False], ids=["fast path", "stock"])
async def app(request, settings, upstream_mock, monkeypatch):
    settings.ROOT_URLCONF = kinds.__name__
    settings.UPSTREAMS_FAST_PATH = request.param
    settings.UPSTREAMS = {"quotes": {**settings.UPSTREAMS["quotes"], "MAX_ATTEMPTS": 2}}
    root = logging.getLogger()  # without pytest's handlers, which keep the exceptions
    ours = [handler for handler in root.handlers if not type(handler).__module__.startswith("_pytest")]
    monkeypatch.setattr(root, "handlers", ours)
    application = get_asgi_application()
    async with run_lifespan(application):
        yield application


@pytest.fixture
def random(upstream_mock):
    return upstream_mock("quotes").get("random")


async def send(app, scope, messages, *, cancel=False):
    entered = asyncio.Event()
    client = Client(*messages)
    task = asyncio.create_task(client.ask(app, **scope, entered=entered))
    if cancel:
        await entered.wait()
        task.cancel()
    await asyncio.wait([task])
    return None if task.cancelled() or task.exception() else client.status


async def cycles_after(app, *request, **how):
    """Return the status, and the cycles that a request leaves when everything has happened that happens once."""
    await send(app, *request, **how)
    await send(app, *request, **how)
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        status = await send(app, *request, **how)
        for _ in range(20):
            await asyncio.sleep(0)
        gc.collect()
        return status, cycles.cycles_of_ours(gc.garbage, stock=not conf.current().fast_path)
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("kind", REQUESTS)
async def test_a_request_leaves_no_cycle(app, random, kind):
    random.json({"text": "a", "author": "b"})
    status, *request = REQUESTS[kind]
    assert await cycles_after(app, *request) == (status, [])


@pytest.mark.parametrize("view", ["/one", "/sync_one", "/three"])
@pytest.mark.parametrize("how", FAILURES)
async def test_an_upstream_that_fails_leaves_none(app, random, how, view):
    random.fail(how)
    assert await cycles_after(app, *get(view)) == (502, [])


@pytest.mark.parametrize("view", ["/one", "/three"])
@pytest.mark.parametrize("status", STATUSES)
async def test_a_status_of_an_upstream_leaves_none(app, random, status, view):
    random.json({}, status)
    assert await cycles_after(app, *get(view)) == (STATUSES[status], [])


async def test_a_response_that_does_not_fit_leaves_none(app, random):
    random.json({"text": 1})
    assert await cycles_after(app, *get("/one")) == (502, [])


FIELD = b'--x\r\nContent-Disposition: form-data; name="%d"\r\n\r\n' + b"a" * 10_000 + b"\r\n"
FORMS = {
    "urlencoded": post("/plain", b"a=" + b"a" * 2_000_000, b"application/x-www-form-urlencoded"),
    "multipart": post(
        "/plain", b"".join(FIELD % n for n in range(200)) + b"--x--\r\n", b"multipart/form-data; boundary=x"
    ),
}


@pytest.mark.parametrize("kind", FORMS)
async def test_a_refused_form_leaves_nothing_of_its_body(app, kind):
    scope, messages = FORMS[kind]
    scope["headers"].append((b"cookie", b"csrftoken=" + b"a" * 32))
    await send(app, scope, messages)
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        assert await send(app, scope, messages) == 403
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        gc.enable()
    assert left < 500_000


# Where Django's handler is cancelled, its task group leaves a cycle with the frames around it.
fast_path = pytest.mark.parametrize("app", [True], indirect=True)


@fast_path
async def test_a_deadline_leaves_none(app, random, settings):
    random.fail("hang")
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "REQUEST": 0.05}
    assert await cycles_after(app, *get("/waits")) == (504, [])
    assert await cycles_after(app, *get("/one")) == (504, [])


@fast_path
async def test_a_cancelled_request_leaves_none(app):
    assert await cycles_after(app, *get("/waits"), cancel=True) == (None, [])
