"""The lifespan protocol around context managers, a team's own beside ours."""

import asyncio
from contextlib import asynccontextmanager, contextmanager

import pytest
from upstreams.asgi.lifespan import Lifespan
from upstreams.testing.lifespan import LifespanFailed, run_lifespan


class Log(list[str]):
    """Context managers that note when they open and close."""

    def asynchronous(self, name, opening=0.0, closing=0.0):
        @asynccontextmanager
        async def context():
            await asyncio.sleep(opening)
            self.append(f"open {name}")
            try:
                yield
            finally:
                await asyncio.sleep(closing)
                self.append(f"close {name}")

        return context

    def synchronous(self, name):
        @contextmanager
        def context():
            self.append(f"open {name}")
            yield
            self.append(f"close {name}")

        return context


async def app(scope, receive, send):
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body"})


async def test_contexts_open_in_order_and_close_in_reverse():
    log = Log()
    async with run_lifespan(Lifespan(app, log.asynchronous("a"), log.synchronous("b"), start=1, close=1)):
        log.append("serving")
    assert log == ["open a", "open b", "serving", "close b", "close a"]


async def test_a_context_that_hangs_while_opening_stops_the_boot():
    log = Log()
    lifespan = Lifespan(app, log.asynchronous("a"), log.asynchronous("b", opening=60), start=0.05, close=1)
    with pytest.raises(LifespanFailed, match=r"context took longer than 0\.05 s to open"):
        async with run_lifespan(lifespan):
            raise AssertionError("started")
    assert log == ["open a", "close a"]


async def test_a_context_that_hangs_while_closing_does_not_keep_the_others_open(caplog):
    log = Log()
    lifespan = Lifespan(app, log.asynchronous("a"), log.asynchronous("b", closing=60), start=1, close=0.05)
    async with run_lifespan(lifespan):
        pass
    assert log == ["open a", "open b", "close a"]
    assert "context took longer than 0.05 s to close" in caplog.text


async def test_the_roll_back_is_over_before_the_failure_is_reported():
    log = Log()

    @asynccontextmanager
    async def broken():
        raise OSError("no broker")
        yield

    events = []

    async def send(message):
        events.append((message["type"], list(log)))

    receive = asyncio.Queue()
    receive.put_nowait({"type": "lifespan.startup"})
    lifespan = Lifespan(app, log.asynchronous("a"), broken, start=1, close=1)
    await lifespan({"type": "lifespan"}, receive.get, send)
    assert events == [("lifespan.startup.failed", ["open a", "close a"])]


async def test_requests_without_a_lifespan_are_warned_of_once(caplog):
    lifespan = Lifespan(app, start=1, close=1)
    sent = []

    async def send(message):
        sent.append(message["type"])

    await lifespan({"type": "http"}, None, send)
    await lifespan({"type": "http"}, None, send)
    assert sent == ["http.response.start", "http.response.body"] * 2
    assert [record.message for record in caplog.records] == [
        "requests arrive without a lifespan; run `manage.py serve`"
    ]


async def test_a_websocket_is_refused():
    sent = []
    receive = asyncio.Queue()
    receive.put_nowait({"type": "websocket.connect"})

    async def send(message):
        sent.append(message)

    await Lifespan(app, start=1, close=1)({"type": "websocket"}, receive.get, send)
    assert sent == [{"type": "websocket.close", "code": 1000}]


async def test_an_unknown_scope_is_refused():
    with pytest.raises(ValueError, match="this application handles http requests, not 'smtp'"):
        await Lifespan(app, start=1, close=1)({"type": "smtp"}, None, None)


@asynccontextmanager
async def fails():
    raise KeyError("x")
    yield


@asynccontextmanager
async def waits_for_a_cancelled_task():
    task = asyncio.create_task(asyncio.sleep(60))
    task.cancel()
    await task
    yield


@pytest.mark.parametrize(
    ("context", "what"),
    [
        (fails, r"fails failed to open: KeyError\('x'\)"),
        (waits_for_a_cancelled_task, r"failed to open: CancelledError"),
    ],
)
async def test_a_context_that_fails_is_named(context, what):
    with pytest.raises(LifespanFailed, match=what):
        async with run_lifespan(Lifespan(app, context, start=1, close=1)):
            raise AssertionError("started")


async def test_a_context_that_fails_while_closing_is_named(caplog):
    @asynccontextmanager
    async def context():
        yield
        raise OSError("gone")

    async with run_lifespan(Lifespan(app, context, start=1, close=1)):
        pass
    assert "context failed to close" in caplog.text


async def test_a_lifespan_that_is_cancelled_closes_what_it_opened():
    log = Log()
    receive = asyncio.Queue()
    receive.put_nowait({"type": "lifespan.startup"})
    sent = asyncio.Queue()
    lifespan = Lifespan(app, log.asynchronous("a"), start=1, close=1)
    task = asyncio.create_task(lifespan({"type": "lifespan"}, receive.get, sent.put))
    await sent.get()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert log == ["open a", "close a"]
