"""A server that keeps the bytes of each request, by the port that they came to."""

import asyncio
import re
import threading

RESPONSE = b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"


class CaptureServer:
    """Args:
        names: of the requests, each with a port of its own.

    Attributes:
        ports: by name.
        received: the bytes of the last request, by name.
    """

    def __init__(self, names):
        self.ports = {}
        self.received = {}
        self._names = list(names)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="capture server")

    def __enter__(self):
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result()
        return self

    def __exit__(self, *_):
        for server in self._servers:
            self._loop.call_soon_threadsafe(server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _listen(self):
        self._servers = []
        for name in self._names:
            server = await asyncio.start_server(self._handler(name), "127.0.0.1", limit=2**20)
            self._servers.append(server)
            self.ports[name] = server.sockets[0].getsockname()[1]

    def _handler(self, name):
        async def serve(reader, writer):
            try:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"expect: 100-continue" in head.lower():
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                self.received[name] = head, await _body(head, reader)
                writer.write(RESPONSE)
                await writer.drain()
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.close()

        return serve


async def _body(head, reader):
    if b"\r\ntransfer-encoding: chunked" not in head.lower():
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        return await reader.readexactly(int(length[1]) if length else 0)
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readuntil(b"\r\n")
    return body


def parsed(received):
    """Return the method, the target, the fields by names in lower case, and the body of a request."""
    head, body = received
    first, *lines = head.decode("latin-1").removesuffix("\r\n\r\n").split("\r\n")
    method, target, _ = first.split(" ")
    fields = [line.split(":", 1) for line in lines]
    return method, target, {name.lower(): value.strip(" ") for name, value in fields}, body
