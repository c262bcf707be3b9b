"""Request so many quotes of the package's test project, in one process, without an upstream. Run in tests/package."""

import asyncio
import os
import sys
from typing import Any

sys.path.insert(0, "")
os.environ["DJANGO_SETTINGS_MODULE"] = "testproject.settings"

from django.conf import settings

# Under valgrind everything takes as long as a loop that hangs, and what is done by the clock is done at each request.
settings.UPSTREAMS_TIMEOUTS.update(LOOP_STALL_WARNING=3600, LOOP_STALL_EXIT=0)

from testproject.asgi import application
from upstreams.asgi import garbage_watch
from upstreams.clients import loop_clients
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan

garbage_watch.CHECK_INTERVAL = 3600
BODY = b'{"text": "What we know is a drop.", "author": "Isaac Newton"}'
SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "path": "/quotes/random",
    "query_string": b"",
    "headers": [(b"host", b"testserver")],
}


class Transport:
    """Responds with a quote. Not the package's mock, whose checks are none of a request's cost."""

    def __init__(self, definition: Any) -> None:
        pass

    async def handle_async_request(self, request: Any) -> Any:
        return httpx.Response(200, content=BODY, headers={"content-type": "application/json"})

    async def aclose(self) -> None:
        pass


async def request() -> None:
    messages = [{"type": "http.request"}]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200

    await application(dict(SCOPE), receive, send)


async def main(number: int) -> None:
    loop_clients.make_transport = Transport
    async with run_lifespan(application):
        for _ in range(number):
            await request()


asyncio.run(main(int(sys.argv[1])))
