"""uvicorn's protocol as `manage.py serve` runs it: upgrades, HTTP/1.0, and heads without an end, on real sockets."""

import asyncio
import inspect

import pytest
import uvicorn
from upstreams.asgi import http_protocol
from upstreams.asgi.http_protocol import MAX_HEAD_SIZE, HTTPProtocol
from upstreams.asgi.websocket_refusal import RejectWebSocket
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
LENGTH_5 = b"Content-Length: 5\r\n"
HIDDEN = b"GET /hidden HTTP/1.1\r\n\r\n"


class App:
    """Sends back the body, in parts at `/stream`, and notes what was requested."""

    def __init__(self):
        self.requests = []
        self.headers = []
        self.gate = asyncio.Event()
        self.gate.set()

    async def __call__(self, scope, receive, send):
        self.requests.append(scope["path"])
        self.headers.append(dict(scope["headers"]))
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message.get("body", b"")
        await self.gate.wait()
        parts = [b"first ", body, b" last"] if scope["path"] == "/stream" else [body]
        headers = [] if len(parts) > 1 else [(b"content-length", b"%d" % len(body))]
        if scope["path"] == "/chunked":
            headers = [(b"Transfer-Encoding", b"chunked")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body"})


class Server:
    """An application behind the protocol."""

    def __init__(self, app, address, state):
        self.app, self.address, self.state = app, address, state
        self.writers = []

    async def connect(self):
        reader, writer = await asyncio.open_connection(*self.address)
        self.writers.append(writer)
        return reader, writer

    async def ask(self, *segments, ends=True):
        """Send segments, each when the one before has been read; return all until the server closes."""
        reader, writer = await self.connect()
        for segment in segments:
            writer.write(segment)
            await writer.drain()
            await turns()
        if not ends:
            return reader, writer
        return await asyncio.wait_for(reader.read(), 30)


async def turns():
    """Let the server read what was sent: on the loopback it has arrived."""
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def server():
    app, state = App(), uvicorn.server.ServerState()
    config = uvicorn.Config(app, http=HTTPProtocol, ws=RejectWebSocket, lifespan="off", log_config=None)
    config.load()
    made = Server(app, None, state)
    made.config = config
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: HTTPProtocol(config=config, server_state=state, app_state={}), "127.0.0.1"
    )
    made.address = listening.sockets[0].getsockname()
    yield made
    for writer in made.writers:
        writer.close()
    for connection in list(state.connections):
        connection.transport.abort()
    listening.close()


def head(line=b"POST /echo HTTP/1.1", *, close=True, fields=b""):
    # "close" has no place beside `Connection: Upgrade` as another field: httptools reads both.
    return (
        line + b"\r\nHost: testserver\r\n" + (b"Connection: close\r\n" if close else b"") + fields + b"\r\n"
    )


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


def head_of(size):
    empty = len(head(fields=b"X: \r\n"))
    return head(fields=b"X: %b\r\n" % (b"a" * (size - empty)))


def segments(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


@pytest.mark.parametrize("size", [MAX_HEAD_SIZE * 2, 60_000, 4_000, 701])
@pytest.mark.parametrize(("beyond", "status"), [(0, b"200"), (1, b"431")])
async def test_the_head_has_a_limit_however_it_is_split(server, size, beyond, status):
    received = await server.ask(*segments(head_of(MAX_HEAD_SIZE + beyond), size))
    assert received.startswith(b"HTTP/1.1 %b " % status)


@pytest.mark.parametrize("endless", [b"a" * 10_000, b"a: b\r\n" * 2_000])
@pytest.mark.parametrize("begin", [b"GET / HTTP/1.1\r\nX: ", b"GET /"])
async def test_a_head_without_an_end_is_refused_and_the_rest_dropped(server, begin, endless):
    reader, writer = await server.ask(begin, ends=False)
    for _ in range(400):  # 4 MB, most of them behind the refusal
        writer.write(endless)
    start, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert start.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))
    assert b"connection: close" in start
    assert b"problem+json" in start
    assert body.endswith(b"}")
    assert server.app.requests == []


async def test_a_body_may_be_longer_than_a_head(server):
    body = b"a: b\r\n" * 100_000
    fields = b"Content-Length: %d\r\n" % len(body)
    received = await server.ask(head(close=False, fields=fields) + body + head(b"GET /next HTTP/1.1"))
    assert received.count(b"HTTP/1.1 200 ") == 2
    assert body in received


async def test_pipelined_requests_do_not_count_to_the_head_behind_them(server):
    before = head(b"GET /a HTTP/1.1", close=False, fields=b"X: %b\r\n" % (b"a" * 60_000))
    last = head_of(MAX_HEAD_SIZE - 5_000)
    received = await server.ask(before + last[:5_000], last[5_000:])
    assert received.count(b"HTTP/1.1 200 ") == 2


async def test_a_refusal_waits_for_the_responses_before_it(server):
    server.app.gate.clear()
    reader, _ = await server.ask(
        head(b"GET /a HTTP/1.1", close=False), b"GET /b HTTP/1.1\r\nX: ", b"a" * 70_000, ends=False
    )
    server.app.gate.set()
    received = await reader.read()
    assert received.count(b"HTTP/1.1 ") == 1
    assert received.startswith(b"HTTP/1.1 200 ")


async def test_a_broken_body_is_refused_at_once(server):
    fields = b"Transfer-Encoding: chunked\r\n"
    received = await server.ask(head(close=False, fields=fields), b"no chunk\r\n")
    assert received.startswith(b"HTTP/1.1 400 ")
    assert received.count(b"HTTP/1.1 ") == 1


async def test_a_head_has_a_time(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    assert (await server.ask(b"GET / HTTP/1.1\r\n")).startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_grows_all_the_time_has_the_same_time(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    reader, writer = await server.ask(b"GET / HTTP/1.1\r\n", ends=False)
    reading = asyncio.ensure_future(reader.read())
    while not reading.done():
        writer.write(b"a: b\r\n")
        await asyncio.sleep(0.005)
    assert (await reading).startswith(b"HTTP/1.1 408 ")


async def test_a_head_that_is_complete_in_time_is_not_cut(server, monkeypatch):
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    server.app.gate.clear()
    reader, _ = await server.ask(b"GET / HTTP/1.1\r\n", b"Connection: close\r\n\r\n", ends=False)
    await asyncio.sleep(0.1)
    server.app.gate.set()
    assert (await reader.read()).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("before", [[], [head(b"GET /a HTTP/1.1", close=False)]])
@pytest.mark.parametrize("after", [[], [b"\r\n"]])
async def test_an_idle_connection_is_closed_also_before_its_first_request(server, before, after, monkeypatch):
    server.config.timeout_keep_alive = 0.05
    monkeypatch.setattr(http_protocol, "HEAD_TIMEOUT", 0.05)
    await server.ask(*before, *after)  # returns when the server closes


async def test_shutdown_closes_idle_connections_at_once(server):
    server.config.timeout_keep_alive = 3600
    reader, _ = await server.ask(head(b"GET /a HTTP/1.1", close=False), ends=False)
    await reader.readuntil(b"\r\n\r\n")
    for connection in list(server.state.connections):
        connection.shutdown()
    assert server.state.connections == set()
    assert await reader.read() == b""


def test_the_names_of_uvicorn_that_are_used_exist():
    overridden = ["data_received", "connection_made", "shutdown", "_should_upgrade", "_start_asgi_task"]
    used = ["_unset_keepalive_if_required", "timeout_keep_alive_handler", "handle_websocket_upgrade"]
    assert [name for name in overridden + used if not hasattr(HttpToolsProtocol, name)] == []
    lines = inspect.getsource(HttpToolsProtocol) + inspect.getsource(RequestResponseCycle)
    state = ["timeout_keep_alive_task", "pipeline", "cycle", "scope", "headers", "url", "server_state"]
    of_cycle = ["keep_alive", "waiting_for_100_continue", "chunked_encoding", "expected_content_length"]
    of_cycle += ["more_body", "disconnected", "response_started", "response_complete", "message_event"]
    assert [name for name in state + of_cycle if f"self.{name}" not in lines] == []
