"""An application behind the protocol of `serve`, and requests to it byte by byte."""

import asyncio
from contextlib import asynccontextmanager

import uvicorn
from upstreams.asgi.http_protocol import HTTPProtocol
from upstreams.asgi.websocket_refusal import RejectWebSocket


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


@asynccontextmanager
async def serving(app=None, protocol=HTTPProtocol):
    """Serve an application by a protocol, in this process."""
    app, state = app or App(), uvicorn.server.ServerState()
    config = uvicorn.Config(app, http=protocol, ws=RejectWebSocket, lifespan="off", log_config=None)
    config.load()
    made = Server(app, None, state)
    made.config = config
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(
        lambda: protocol(config=config, server_state=state, app_state={}), "127.0.0.1"
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
