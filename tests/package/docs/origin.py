"""An upstream that does what the `X-Request-ID` of a call says, so that each client of a service decides."""

import asyncio
import threading

from upstreams.testing import http_response
from upstreams.testing.server import Server

TOGETHER = 8
"""Calls with an id that begins with `together` get their responses when so many have arrived."""
ONE_CALL = {"Connection": "close"}  # a connection that stays open would be reported as left behind by a test


class Origin(Server):
    """Responds with the id of the call: at once, together with others, when it is released, never, or with a 404.

    Attributes:
        is_held: set when a call has arrived whose id is `held`.
    """

    def __init__(self):
        super().__init__("origin")
        self.is_held = threading.Event()
        self._together, self._released = asyncio.Barrier(TOGETHER), asyncio.Event()

    def release(self):
        """Let calls that are held have their responses."""
        self._loop.call_soon_threadsafe(self._released.set)

    async def _connection(self, reader, writer):
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
            given = head.partition("x-request-id: ")[2].partition("\r\n")[0]
            if given.startswith("together"):
                await self._together.wait()
            if given == "held":
                self.is_held.set()
                await self._released.wait()
            if given == "late":
                await reader.read()  # until the client has given up
            status = 404 if given == "missing" else 200
            writer.write(http_response({"text": given, "author": "Tim"}, status, ONE_CALL))
            await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()
