"""The heads of responses: the same bytes, and the same refusals, as uvicorn's own class."""

import asyncio
import logging
from types import SimpleNamespace

import pytest
from upstreams.asgi.response_cycle import MAX_REMEMBERED_SIZE, ResponseCycle
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

LONG = b"x" * (MAX_REMEMBERED_SIZE + 1)
HEADERS = {
    "none": [],
    "a length": [(b"Content-Length", b"5")],
    "two lengths": [(b"content-length", b"5"), (b"content-length", b"7")],
    "no number": [(b"content-length", b"five")],
    "chunked": [(b"Transfer-Encoding", b"Chunked")],
    "chunked and a length": [(b"transfer-encoding", b"chunked"), (b"content-length", b"5")],
    "a length and chunked": [(b"content-length", b"5"), (b"transfer-encoding", b"chunked")],
    "another coding": [(b"transfer-encoding", b"gzip")],
    "close": [(b"content-length", b"5"), (b"Connection", b"Close")],
    "close of several": [(b"content-length", b"5"), (b"connection", b"foo, CLOSE")],
    "keep-alive": [(b"content-length", b"5"), (b"connection", b"keep-alive")],
    "long": [(b"X-Long", LONG), (b"content-length", b"5")],
    "a name with a space": [(b"x y", b"1")],
    "a line in a value": [(b"x", b"a\r\nset-cookie: b")],
    "a line in a long value": [(b"x", LONG + b"\r\nset-cookie: b")],
    "text": [("x", "y")],
    "a pair of three": [(b"x", b"y", b"z")],
}
BODY = {"type": "http.response.body", "body": b"12345"}


def cycle(kind, written, *, method, keep_alive, paused=False):
    transport = SimpleNamespace(write=written.append, close=lambda: written.append("closed"))
    drained = asyncio.Event()
    drained.set()
    return kind(
        scope={"method": method, "http_version": "1.1", "path": "/", "query_string": b"", "client": None},
        transport=transport,
        flow=SimpleNamespace(write_paused=paused, drain=drained.wait),
        logger=logging.getLogger("test"),
        access_logger=logging.getLogger("test"),
        access_log=False,
        default_headers=[(b"server", b"uvicorn")],
        message_event=asyncio.Event(),
        expect_100_continue=True,
        keep_alive=keep_alive,
        on_response=lambda: written.append("complete"),
    )


async def played(kind, messages, **more):
    written = []
    it = cycle(kind, written, **more)
    try:
        for message in messages:
            await it.send(message)
    except Exception as error:  # noqa: BLE001 - whatever it is, both must raise it
        written.append((type(error), str(error)))
    state = it.keep_alive, it.chunked_encoding, it.expected_content_length, it.waiting_for_100_continue
    return b"".join(part for part in written if isinstance(part, bytes)), written[-1], state


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS)
@pytest.mark.parametrize("status", [200, 204, 304, 404])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("keep_alive", [True, False], ids=["kept", "closed"])
async def test_a_response_is_that_of_uvicorn(headers, status, method, keep_alive):
    messages = [{"type": "http.response.start", "status": status, "headers": headers}, BODY]
    for _ in range(2):  # the second head is from memory
        ours, stock = [
            await played(kind, messages, method=method, keep_alive=keep_alive)
            for kind in (ResponseCycle, RequestResponseCycle)
        ]
        assert ours == stock


START = {"type": "http.response.start", "status": 200}
ODD = {
    "body first": [BODY],
    "two heads": [START, START],
    "after the end": [START, BODY, BODY],
    "no status of HTTP": [{"type": "http.response.start", "status": 999}],
    "without headers": [START, BODY],
}


@pytest.mark.parametrize("messages", ODD.values(), ids=ODD)
@pytest.mark.parametrize("paused", [True, False])
async def test_messages_out_of_order_are_refused_as_by_uvicorn(messages, paused):
    ours, stock = [
        await played(kind, messages, method="GET", keep_alive=True, paused=paused)
        for kind in (ResponseCycle, RequestResponseCycle)
    ]
    assert ours == stock


async def test_nothing_is_sent_to_a_client_that_has_left():
    written = []
    it = cycle(ResponseCycle, written, method="GET", keep_alive=True)
    it.disconnected = True
    await it.send({"type": "http.response.start", "status": 200, "headers": []})
    assert not written
