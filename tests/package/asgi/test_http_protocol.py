"""The protocol of `serve`: offered upgrades and HTTP/1.0, on real sockets."""

import inspect

import pytest
from upstreams.asgi.http_protocol import MAX_HEAD_SIZE
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from asgi.raw_http import head

H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
LENGTH_5 = b"Content-Length: 5\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\n\r\n"


@pytest.mark.parametrize("offer", [H2C, b"Connection: Upgrade\r\nUpgrade: TLS/1.0\r\n", b""])
@pytest.mark.parametrize("split", [0, 1])
async def test_a_body_beside_an_offered_upgrade_is_read(server, offer, split):
    whole = head(fields=offer + LENGTH_5) + b"hello"
    cut = len(whole) - 5 * split
    received = await server.ask(*[part for part in (whole[:cut], whole[cut:]) if part])
    assert received.startswith(b"HTTP/1.1 200 ")
    assert received.endswith(b"\r\n\r\nhello")


async def test_a_chunked_body_beside_an_offered_upgrade_is_read(server):
    chunks = b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n"
    received = await server.ask(head(fields=H2C + b"Transfer-Encoding: chunked\r\n") + chunks)
    assert received.endswith(b"\r\n\r\nhello world")


async def test_an_offered_upgrade_without_a_body_is_a_request(server):
    assert (await server.ask(head(b"GET /a HTTP/1.1", fields=H2C))).startswith(b"HTTP/1.1 200 ")
    assert server.app.requests == ["/a"]
    assert server.app.headers[0][b"upgrade"] == b"h2c"


async def test_an_offered_upgrade_may_expect_100_continue(server):
    fields = H2C + LENGTH_5 + b"Expect: 100-continue\r\n"
    reader, writer = await server.ask(head(fields=fields), ends=False)
    assert await reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
    writer.write(b"hello")
    assert (await reader.read()).endswith(b"\r\n\r\nhello")


async def test_a_body_beside_an_offered_upgrade_is_no_request(server):
    fields = H2C + b"Content-Length: %d\r\n" % len(HIDDEN)
    assert (await server.ask(head(fields=fields), HIDDEN)).endswith(HIDDEN)
    assert server.app.requests == ["/echo"]


async def test_offered_upgrades_may_be_pipelined(server):
    offering = head(close=False, fields=H2C + LENGTH_5) + b"hello"
    received = await server.ask(offering + offering + head(b"GET /last HTTP/1.1"))
    assert received.count(b"HTTP/1.1 200 ") == 3
    assert received.count(b"hello") == 2
    assert server.app.requests == ["/echo", "/echo", "/last"]


async def test_a_long_head_that_offers_an_upgrade_is_within_the_limit(server):
    fields = H2C + LENGTH_5 + b"X: %b\r\n" % (b"a" * (MAX_HEAD_SIZE - 400))
    whole = head(fields=fields)
    assert (await server.ask(whole[:60_000], whole[60_000:] + b"hello")).endswith(b"\r\n\r\nhello")


async def test_a_websocket_is_still_refused(server):
    assert b" 403 " in await server.ask(
        head(b"GET / HTTP/1.1", close=False, fields=H2C.replace(b"h2c", b"websocket"))
    )


async def test_connect_is_refused(server):
    assert b" 405 " in await server.ask(b"CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")


@pytest.mark.parametrize("path", [b"/stream", b"/chunked"])
@pytest.mark.parametrize("fields", [b"", b"Connection: keep-alive\r\n", b"Expect: 100-continue\r\n"])
async def test_a_client_of_1_0_gets_no_chunks(server, path, fields):
    request = head(b"POST %b HTTP/1.0" % path, close=False, fields=fields + LENGTH_5) + b"hello"
    start, _, body = (await server.ask(request)).partition(b"\r\n\r\n")
    assert start.startswith(b"HTTP/1.1 200 ")
    assert b"transfer-encoding" not in start.lower()
    assert b"connection: close" in start
    assert body == {b"/stream": b"first hello last", b"/chunked": b"hello"}[path]


async def test_a_client_of_1_0_gets_each_part_at_once(server):
    reader, _ = await server.ask(head(b"GET /stream HTTP/1.0", close=False), ends=False)
    assert await reader.readuntil(b"first ")


async def test_a_client_of_1_0_gets_a_length_where_there_is_one(server):
    received = await server.ask(head(b"POST /echo HTTP/1.0", fields=LENGTH_5) + b"hello")
    assert b"content-length: 5\r\n" in received
    assert received.endswith(b"\r\n\r\nhello")


async def test_head_by_1_0_has_no_body(server):
    received = await server.ask(head(b"HEAD /stream HTTP/1.0", close=False))
    assert received.endswith(b"\r\n\r\n")
    assert b"transfer-encoding" not in received


async def test_pipelined_requests_of_1_0_get_no_chunks(server):
    received = await server.ask(2 * head(b"GET /stream HTTP/1.0", close=False))
    assert received.endswith(b"\r\n\r\nfirst  last")


async def test_a_client_of_1_1_gets_chunks(server):
    assert (await server.ask(head(b"GET /stream HTTP/1.1"))).endswith(
        b"6\r\nfirst \r\n5\r\n last\r\n0\r\n\r\n"
    )


def test_the_names_of_uvicorn_that_are_used_exist():
    overridden = ["data_received", "connection_made", "shutdown", "_should_upgrade", "_start_asgi_task"]
    overridden += ["on_response_complete"]
    used = ["_unset_keepalive_if_required", "timeout_keep_alive_handler", "handle_websocket_upgrade"]
    assert [name for name in overridden + used if not hasattr(HttpToolsProtocol, name)] == []
    lines = inspect.getsource(HttpToolsProtocol) + inspect.getsource(RequestResponseCycle)
    state = ["timeout_keep_alive_task", "pipeline", "cycle", "scope", "headers", "url", "server_state"]
    of_cycle = ["keep_alive", "waiting_for_100_continue", "chunked_encoding", "expected_content_length"]
    of_cycle += [
        "more_body",
        "disconnected",
        "response_started",
        "response_complete",
        "message_event",
        "transport",
    ]
    assert [name for name in state + of_cycle if f"self.{name}" not in lines] == []
