"""A real upstream that responds when a test lets it."""

import asyncio
from contextlib import asynccontextmanager, closing


class Gated:
    """Holds every request until `go` is set.

    Attributes:
        requests: the heads that have arrived.
        response: what is sent, as bytes.
        closes: whether the connection ends after it.
        lost: how many connections their caller has closed without a response.
    """

    def __init__(self):
        self.requests = []
        self.go = asyncio.Event()
        self.response = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\netag: 1\r\n\r\nok"
        self.closes = False
        self.lost = 0
        self._changed = asyncio.Event()

    async def arrived(self, number):
        await self._until(lambda: len(self.requests) >= number)

    async def abandoned(self, number):
        await self._until(lambda: self.lost >= number)

    async def _until(self, condition):
        async with asyncio.timeout(10):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def serve(self, reader, writer):
        with closing(writer):
            try:
                while head := await reader.readuntil(b"\r\n\r\n"):
                    self.requests.append(head.decode())
                    self._changed.set()
                    await self._wait(reader)
                    writer.write(self.response)
                    if self.closes:
                        break
            except (asyncio.IncompleteReadError, ConnectionError):
                pass

    async def _wait(self, reader):
        gone, go = asyncio.ensure_future(reader.read(1)), asyncio.ensure_future(self.go.wait())
        try:
            await asyncio.wait([gone, go], return_when=asyncio.FIRST_COMPLETED)
            if gone.done() and not go.done():
                self.lost += 1
                self._changed.set()
                raise ConnectionError
        finally:
            gone.cancel()
            go.cancel()
            await asyncio.wait([gone, go])


@asynccontextmanager
async def gated():
    upstream = Gated()
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", 0)
    upstream.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield upstream
    finally:
        server.close()
        server.close_clients()
        await server.wait_closed()
