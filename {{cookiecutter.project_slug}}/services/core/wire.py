"""The innermost transport: the HTTP library's API over connections of our own."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable

from services.core.definitions import Definition
from services.core.errors import BrokenAnswer, Call, UpstreamClosing, UpstreamUnreachable
from services.core.http import Request, Response, Transport, httpx, stream_of
from services.core.http1.answer import Answer, NotHTTP
from services.core.http1.connection import ConnectionLost
from services.core.http1.connector import Connector
from services.core.http1.pool import Origin, Pool, Pooled
from services.core.http1.request import Fields, framed, head, sized, streamed

PORTS = {"http": 80, "https": 443}
DEFAULTS: Fields = [
    (b"Accept", b"*/*"),
    (b"User-Agent", f"python-{httpx.__name__}/{httpx.__version__}".encode()),
]


class Wire(Transport):
    """Sends requests over one pool of connections. Has to be made in the event loop that will use it.

    A request is sent once: whether to send it again is for the policies to say.

    Args:
        definition: of the upstream.
        clock: seconds, monotonic.

    Attributes:
        pool: its connections.

    Raises:
        OSError: `CA` or `CERT` cannot be read.
    """

    def __init__(self, definition: Definition, clock: Callable[[], float] = time.monotonic) -> None:
        self._connector = Connector(definition)
        self._last_fields: Fields = [] if definition.reuse else [(b"Connection", b"close")]
        self.pool = Pool(
            keepalive=definition.keepalive, max_age=definition.max_age, reuse=definition.reuse, clock=clock
        )

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if self.pool.is_closed:
            raise UpstreamClosing("its client is closed", call=call)
        call.attempts += 1
        url = request.url
        origin = Origin(url.scheme, url.raw_host.decode("ascii"), url.port or PORTS[url.scheme])
        data, upload = self._message(request, origin)
        point: UpstreamUnreachable.Point = "reused"
        pooled = self.pool.take(origin)
        if pooled is None:
            point = "fresh"
            pooled = self.pool.add(await self._connector.connect(origin, call), origin)
        try:
            answer = await pooled.connection.exchange(request.method, data, upload, whole=not call.stream)
        except ConnectionLost:
            what = f"nothing was received on a {point} connection"
            raise UpstreamUnreachable(what, call=call, point=point) from None
        except NotHTTP:
            raise BrokenAnswer("the answer is not HTTP", call=call) from None
        except BaseException:
            pooled.connection.close()
            raise
        stream: httpx.AsyncByteStream
        if answer.is_complete:
            stream = httpx.ByteStream(answer.take())
            self.pool.put(pooled)
        else:
            stream = Download(answer, pooled, self.pool, call)
        return Response(answer.status, headers=answer.fields, stream=stream)

    def _message(self, request: Request, origin: Origin) -> tuple[bytes, AsyncGenerator[bytes] | None]:
        """The bytes to begin with, and those to follow if the body is streamed."""
        target = request.url.raw_path
        given = request.headers.raw
        body, upload = b"", None
        if isinstance(request.stream, httpx.ByteStream):
            body = b"".join(request.stream)
            fields = sized(given, len(body))
        else:
            fields, size = streamed(given)
            upload = framed(stream_of(request), size)
        names = {name.lower() for name, _ in fields}
        fields += [default for default in DEFAULTS if default[0].lower() not in names]
        fields += self._last_fields
        if self._connector.proxy is not None and origin.scheme == "http":
            target = b"http://" + request.url.netloc + target  # RFC 9112 §3.2.2
            fields += self._connector.proxy_fields
        return head(request.method, target, fields) + body, upload

    async def aclose(self) -> None:
        await self.pool.aclose()


class Download(httpx.AsyncByteStream):
    """A body that is still on its way.

    Args:
        answer: whose body it is.
        pooled: the connection, which goes back to the pool when the body has come to its end.
        pool: the pool.
        call: what it belongs to.
    """

    def __init__(self, answer: Answer, pooled: Pooled, pool: Pool, call: Call) -> None:
        self._answer = answer
        self._pooled = pooled
        self._pool = pool
        self._call = call
        self._is_over = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while chunk := await self._read():
            yield chunk
        await self.aclose()

    async def _read(self) -> bytes:
        try:
            return await self._pooled.connection.read(self._answer)
        except ConnectionLost:
            what = "the connection was lost in the body"
            raise UpstreamUnreachable(what, call=self._call, point="body") from None
        except NotHTTP:
            raise BrokenAnswer("the answer is not HTTP", call=self._call) from None

    async def aclose(self) -> None:
        if not self._is_over:  # afterwards, the connection is another one's
            self._is_over = True
            self._pool.put(self._pooled)
