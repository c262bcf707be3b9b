"""Asks a generated project for so many quotes, in one process, its upstream faked. Run in the project's folder."""

import asyncio
import os
import sys
from typing import Any

sys.path.insert(0, "")
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"

from django.conf import settings

settings.TIMEOUTS.update(BLOCKED=3600, GIVE_UP=0)  # valgrind takes as long as a loop that hangs

from config.asgi import application
from services.core import connections
from testing.lifespan import running
from testing.wire import FakeWire

SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0"},
    "http_version": "1.1",
    "method": "GET",
    "path": "/quotes/random",
    "query_string": b"",
    "headers": [(b"host", b"testserver")],
}


async def ask() -> None:
    messages = [{"type": "http.request"}]

    async def receive() -> Any:
        return messages.pop() if messages else await asyncio.Event().wait()

    async def send(message: Any) -> None:
        assert message.get("status", 200) == 200

    await application(dict(SCOPE), receive, send)


async def main(number: int) -> None:
    wire = FakeWire("quotes")
    wire.get("random").json({"text": "What we know is a drop.", "author": "Isaac Newton"})
    connections.make_wire = wire.opened
    async with running(application):
        for _ in range(number):
            await ask()


asyncio.run(main(int(sys.argv[1])))
