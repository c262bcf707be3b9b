"""However a request ends: once, in the right thread, and with nothing left behind."""

import asyncio
import threading

import pytest
from django.core.signals import request_finished, request_started
from testproject.driver import Client
from upstreams.fastpath.handler import Handler

from fastpath.urls import closed

only_ours = pytest.mark.parametrize("handler", [Handler])
"""Of a request that ends so, stock Django does not signal the end."""

HOST = {"headers": [(b"host", b"testserver")]}
POST = {"method": "POST", "headers": [*HOST["headers"], (b"content-type", b"text/plain")]}


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume")
@pytest.mark.parametrize(
    ("path", "status", "answer"),
    [
        ("/plain", 200, b"plain"),
        ("/parts", 200, b"ab"),
        ("/sync-parts", 200, b"ab"),
        ("/file", 200, b"content"),
        ("/nested", 200, b"nested"),
    ],
)
async def test_an_answer_is_whole_and_the_end_of_its_request_is_signalled_once(
    app, signals, path, status, answer
):
    client = Client()
    assert await client.ask(app, path=path, **HOST) == status
    assert client.body == answer
    assert signals == ["started", "finished"]


@pytest.mark.parametrize(
    ("path", "more", "status"),
    [
        ("/fails", HOST, 500),
        ("/plain", {**HOST, "query_string": b"\xff"}, 400),
        ("/plain", {"headers": [(b"host", b"no host")]}, 400),
        ("/upload", {**POST, "headers": [*HOST["headers"], (b"content-type", b"multipart/form-data")]}, 400),
    ],
    ids=["a view that raises", "a malformed query", "a malformed host", "a malformed form"],
)
async def test_so_is_that_of_a_failed_one(app, signals, path, more, status):
    assert await Client().ask(app, path=path, **more) == status
    assert signals == ["started", "finished"]


@only_ours
async def test_so_is_that_of_a_cut_answer(app, signals):
    with pytest.raises(LookupError):
        await Client().ask(app, path="/broken-parts", **HOST)
    assert signals == ["started", "finished"]


async def test_so_is_that_of_a_sync_view(app, signals):
    assert await Client().ask(app, path="/sync", **HOST) == 200
    assert signals == ["started", "finished"]


async def test_a_client_that_leaves_ends_the_view(app, signals):
    client = Client({"type": "http.request"}, {"type": "http.disconnect"})
    entered, left = asyncio.Event(), asyncio.Event()
    assert await client.ask(app, path="/waits", entered=entered, left=left, **HOST) is None
    assert entered.is_set()
    assert left.is_set()
    assert asyncio.current_task().cancelling() == 0
    assert signals == ["started", "finished"]


@only_ours
async def test_a_request_that_is_cancelled_ends_the_view_and_stays_cancelled(app, signals):
    entered, left = asyncio.Event(), asyncio.Event()
    asking = asyncio.create_task(Client().ask(app, path="/waits", entered=entered, left=left, **HOST))
    await entered.wait()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert left.is_set()
    assert signals == ["started", "finished"]


@only_ours
@pytest.mark.parametrize("path", ["/blocks", "/calls"])
async def test_a_request_that_is_cancelled_again_waits_for_its_thread_all_the_same(app, signals, path):
    entered, let = asyncio.Event(), threading.Event()
    view = {"entered": entered, "open": let, "loop": asyncio.get_running_loop()}
    asking = asyncio.create_task(Client().ask(app, path=path, **view, **HOST))
    await entered.wait()
    asking.cancel()
    await asyncio.wait([asking], timeout=0.05)
    asking.cancel()
    await asyncio.wait([asking], timeout=0.05)
    assert signals == ["started"]
    let.set()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert signals == ["started", "finished"]


@only_ours
@pytest.mark.parametrize("slow", ["started", "finished"])
async def test_a_request_that_is_cancelled_while_a_signal_is_sent_sends_both_once(app, slow):
    let, seen, loop = threading.Event(), asyncio.Queue(), asyncio.get_running_loop()
    waits = {slow: let.wait}

    def on_start(**_):
        loop.call_soon_threadsafe(seen.put_nowait, "started")
        waits.get("started", bool)()

    def on_finish(**_):
        loop.call_soon_threadsafe(seen.put_nowait, "finished")
        waits.get("finished", bool)()

    request_started.connect(on_start)
    request_finished.connect(on_finish)
    asking = asyncio.create_task(Client().ask(app, path="/plain", **HOST))
    async with asyncio.timeout(5):
        sent = [await seen.get() for _ in range(1 + (slow == "finished"))]
        asking.cancel()
        await asyncio.wait([asking], timeout=0.05)
        let.set()
        await asyncio.wait([asking])
    await asyncio.sleep(0)
    request_started.disconnect(on_start)
    request_finished.disconnect(on_finish)
    assert asking.cancelled()
    assert sent + [seen.get_nowait() for _ in range(seen.qsize())] == ["started", "finished"]


async def test_nobody_listens_for_a_client_that_has_its_answer(app):
    before = asyncio.all_tasks()
    assert await Client().ask(app, path="/turns", **HOST) == 200
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before


FILE = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\na\r\n--x--\r\n'
UPLOAD = {
    "method": "POST",
    "headers": [
        *HOST["headers"],
        (b"content-type", b"multipart/form-data; boundary=x"),
        (b"content-length", b"%d" % len(FILE)),
    ],
}


@pytest.mark.parametrize(("path", "more"), [("/own-close", HOST), ("/closer", HOST), ("/upload", UPLOAD)])
async def test_what_a_project_closes_is_closed_in_the_thread(app, path, more):
    closed.clear()
    assert await Client({"type": "http.request", "body": FILE}).ask(app, path=path, **more) == 200
    assert [name.partition("-")[0] for name in closed] == ["request"]


async def test_a_client_that_leaves_during_its_body_starts_nothing(app, signals):
    client = Client({"type": "http.request", "body": b"a", "more_body": True}, {"type": "http.disconnect"})
    assert await client.ask(app, path="/plain", **POST) is None
    assert signals == []


async def test_the_end_is_signalled_in_the_thread_if_a_project_listens(app):
    threads = []

    def on_finish(**_):
        threads.append(threading.current_thread().name.partition("-")[0])

    request_finished.connect(on_finish)
    assert await Client().ask(app, path="/plain", **HOST) == 200
    request_finished.disconnect(on_finish)
    assert threads == ["request"]
