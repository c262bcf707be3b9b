"""Serves requests in one process, without sockets, by the layers of a project from one of them inwards.

Run under callgrind in a generated project: `layers_drive.py LAYER REQUESTS`. It counts nothing before the warm-up.
"""

import asyncio
import gc
import os
import subprocess
import sys
from typing import Any

sys.path.insert(0, "")

import uvloop
from config.asgi import application
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import get_resolver, path
from upstreams.asgi import garbage_watch
from upstreams.asgi.http_protocol import HTTPProtocol
from upstreams.clients import loop_clients
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan
from uvicorn import Config
from uvicorn.server import ServerState

WARM_UP = 400
QUOTE = b'{"text":"What we know is a drop.","author":"Isaac Newton"}'
REQUEST = b"GET %b HTTP/1.1\r\nhost: 127.0.0.1\r\nx-forwarded-proto: https\r\n\r\n"
HEADERS = {b"content-type": b"application/json", b"content-length": b"58", b"x-frame-options": b"DENY"}
SERVER_OPTIONS = {
    "interface": "asgi3",
    "access_log": False,
    "log_config": None,
    "proxy_headers": False,
    "ws": "none",
}
CALL, SERVER = "the view's call", "uvicorn"
# Under valgrind everything takes as long as a loop that hangs, and what is done by the clock is done at each request.
settings.UPSTREAMS_TIMEOUTS.update(LOOP_STALL_WARNING=3600, LOOP_STALL_EXIT=0)
garbage_watch.CHECK_INTERVAL = 3600


class Upstream:
    """Responds at once: the wire is measured elsewhere."""

    def __init__(self, definition: Any) -> None:
        pass

    async def handle_async_request(self, request: Any) -> Any:
        return httpx.Response(200, content=QUOTE, headers={"content-type": "application/json"})

    async def aclose(self) -> None:
        pass


class Connection(asyncio.Transport):
    """A client that takes what it gets."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 5), "sockname": ("127.0.0.1", 80)})
        self.head = b""

    def write(self, data: Any) -> None:
        self.head = self.head or data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    resume_reading = pause_reading = close = abort = lambda self: None
    set_write_buffer_limits = lambda self, *_, **__: None


async def plain(request: HttpRequest) -> HttpResponse:
    return HttpResponse(QUOTE, content_type="application/json")


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS.items()]})
    await send({"type": "http.response.body", "body": QUOTE})


def of_layer(layer: str) -> Any:
    """Return the application from a layer inwards, with the scheme that a layer further out would set."""
    if layer == SERVER:
        return nothing
    app: Any = application
    while layer != CALL and type(app).__name__ != layer:
        app = app._app

    async def secure(scope: Any, receive: Any, send: Any) -> None:
        await app({**scope, "scheme": "https"}, receive, send)

    return app if layer in (CALL, type(application).__name__, "ForwardedHeaders") else secure


def count_from_now() -> None:
    for option in ("--instr=on", "--zero"):
        command = ["callgrind_control", option, str(os.getpid())]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


async def main(layer: str, requests: int) -> None:
    loop_clients.make_transport = Upstream  # type: ignore[assignment]
    get_resolver().url_patterns.append(path("plain", plain))
    request = REQUEST % (b"/v1/quotes/random" if layer == CALL else b"/plain")
    async with run_lifespan(application):
        config = Config(of_layer(layer), **SERVER_OPTIONS)
        config.load()
        connection, protocol = Connection(), HTTPProtocol(config, ServerState(), {})
        protocol.connection_made(connection)

        async def serve(times: int) -> None:
            for _ in range(times):
                connection.head = b""
                protocol.data_received(request)
                while protocol.server_state.tasks:
                    await asyncio.sleep(0)
                assert b" 200 " in connection.head, connection.head

        await serve(WARM_UP)
        gc.collect()
        gc.disable()  # it would run at some request
        count_from_now()
        await serve(requests)
        os._exit(0)  # which ends the count


uvloop.run(main(sys.argv[1], int(sys.argv[2])))
