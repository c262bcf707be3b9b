"""The same upstream for each transport: over HTTP/1.1 or HTTP/2, with the same scripts."""

from contextlib import asynccontextmanager

from transport.waiting import until
from upstreams.testing.loopback import Loopback, http_response

from transports.http2_server import Http2Server


class Http1:
    def __init__(self, loopback):
        self._loopback = loopback
        self.url = loopback.url

    @property
    def requests(self):
        return [(one.method, one.target, one.body) for one in self._loopback.requests]

    @property
    def accepted(self):
        return self._loopback.accepted

    @property
    def most_open(self):
        return self._loopback.most_open

    def serve(self, path, body=b"good", status=200, then="end", **headers):
        """Respond with a body; `then` is `end`, `close` or `hang` before its end, or `hang` before any of it."""
        head = {name.replace("_", "-"): value for name, value in headers.items()}
        if then == "end":
            self._loopback.on(path, http_response(body, status, head))
        elif not body:
            self._loopback.on(path, then)
        else:
            whole = http_response(body + b"more", status, head)
            self._loopback.on(path, whole.removesuffix(b"more"), then)

    async def end_idle(self):
        """End all connections, which carry nothing."""
        for writer in tuple(self._loopback._writers):
            self._loopback._loop.call_soon_threadsafe(writer.close)
        await self._loopback.all_closed()

    async def all_closed(self):
        await self._loopback.all_closed()


class Http2:
    def __init__(self, server):
        self._server = server
        self.url = server.url

    @property
    def requests(self):
        return self._server.requests

    @property
    def accepted(self):
        return self._server.accepted

    def serve(self, path, body=b"good", status=200, then="end", **headers):
        head = {name.replace("_", "-"): value for name, value in headers.items()}
        self._server.scripts[path] = (0 if then == "hang" and not body else status, head, body, then)

    async def end_idle(self):
        self._server.end_connections()
        await self.all_closed()

    async def all_closed(self):
        await until(lambda: not self._server.open)


@asynccontextmanager
async def upstream_of(kind, tls=None):
    if kind == "http2":
        async with Http2Server(tls) as server:
            yield Http2(server)
    else:
        with Loopback(tls) as loopback:
            yield Http1(loopback)
