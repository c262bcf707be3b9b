"""A server that sends each response of the corpus from a port of its own, and sees which connections are reused."""

import asyncio
import threading
from contextlib import suppress

FOLLOWING = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnext"
IDLE = 2
"""Seconds without a request after which a connection is closed, as servers do; clients that wait for more see its end."""


class CorpusServer:
    """Args:
        responses: by name, as bytes.

    Attributes:
        ports: by name.
        reused: the names whose second request came over the connection of the first.
    """

    def __init__(self, responses):
        self.ports = {}
        self.reused = set()
        self._responses = responses
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="corpus server")

    def __enter__(self):
        self._thread.start()
        self._run(self._listen())
        return self

    def __exit__(self, *_):
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, coroutine):
        asyncio.run_coroutine_threadsafe(coroutine, self._loop).result()

    async def _listen(self):
        self._servers = []
        self._serving = set()
        for name, raw in self._responses.items():
            server = await asyncio.start_server(self._handler(name, raw), "127.0.0.1", limit=2**20)
            self._servers.append(server)
            self.ports[name] = server.sockets[0].getsockname()[1]

    async def _close(self):
        for server in self._servers:
            server.close()
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    def _handler(self, name, raw):
        async def serve(reader, writer):
            self._serving.add(asyncio.current_task())
            try:
                with suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
                    await self._converse(name, raw, reader, writer)
            finally:
                self._serving.discard(asyncio.current_task())
                writer.close()

        return serve

    async def _converse(self, name, raw, reader, writer):
        is_reused = False
        while True:
            async with asyncio.timeout(IDLE):
                head = await reader.readuntil(b"\r\n\r\n")
            is_following = b" /next " in head.splitlines()[0]
            if is_following and is_reused:
                self.reused.add(name)
            writer.write(FOLLOWING if is_following else raw)
            await writer.drain()
            is_reused = True
