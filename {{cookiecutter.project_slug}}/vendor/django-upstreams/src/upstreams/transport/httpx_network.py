"""The sockets below the HTTP library's connections: opened as our own are, with the same limits and errors."""

import select
import ssl
from contextvars import ContextVar
from time import monotonic
from typing import Any

import anyio
from anyio.abc import ByteStream, SocketAttribute, SocketStream, UNIXSocketStream
from anyio.streams.tls import TLSAttribute, TLSStream

from upstreams.core.httpcore import httpcore
from upstreams.transport.httpx_attempt import Attempt
from upstreams.transport.route import Route

current_attempt: ContextVar[Attempt] = ContextVar("upstreams_attempt")
"""The library opens and uses a connection in the task of the request, without naming the request."""
END = getattr(select, "POLLRDHUP", 0)
"""The event of a peer that sends no more. Only Linux has it; elsewhere, that of a connection that is gone."""
FIRST_BYTES = 9
"""Of a connection, by which its protocol is recognised."""


class Network(httpcore.AsyncNetworkBackend):
    """Opens connections over a route.

    Args:
        route: to the upstream.
        protocols: that are offered by ALPN.

    Attributes:
        opened: the open connections, and when they were opened, in `time.monotonic()` seconds.
    """

    def __init__(self, route: Route, protocols: tuple[str, ...]) -> None:
        self.route = route
        self.protocols = protocols
        self.opened: dict[Stream, float] = {}

    def has_ended(self) -> bool:
        """Return whether the peer has ended any open connection, which need not have been read yet."""
        return any(stream.is_cut() for stream in self.opened)

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> "Stream":
        attempt = current_attempt.get()
        attempt.begin_to_connect()
        try:
            sock = await self.route.open(attempt.peer, attempt.call, monotonic())
            kind: Any = SocketStream if self.route.uds is None else UNIXSocketStream
            stream = attempt.stream = Stream(await kind.from_socket(sock), self)
        except BaseException:
            self.route.expire(attempt.peer)
            raise
        self.opened[stream] = monotonic()
        return stream

    async def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> "Stream":
        return await self.connect_tcp(path, 0)


class Stream(httpcore.AsyncNetworkStream):
    """One connection, plain at first.

    Args:
        inner: the socket.
        network: that has opened it.

    Attributes:
        beginning: its first bytes.
        has_ended: whether the peer has closed it.
        cause: why it was lost, if that is known.
    """

    def __init__(self, inner: ByteStream, network: Network) -> None:
        self.beginning = b""
        self.has_ended = False
        self.cause: BaseException | None = None
        self._inner = self._plain = inner
        self._network = network
        self._poll = select.poll()
        descriptor = self.get_extra_info("socket").fileno()
        self._poll.register(descriptor, select.POLLIN)
        self._poll_end = select.poll()
        self._poll_end.register(descriptor, END)

    def is_cut(self) -> bool:
        """Return whether the peer has ended the connection."""
        return bool(self._poll_end.poll(0))

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        current_attempt.get().stream = self
        try:
            data = await self._inner.receive(max_bytes)
        except anyio.EndOfStream:
            data = b""
        except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
            raise self._lost(httpcore.ReadError, error) from None
        self.has_ended = not data
        if len(self.beginning) < FIRST_BYTES:
            self.beginning += data[:FIRST_BYTES]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        current_attempt.get().stream = self
        if buffer:
            try:
                await self._inner.send(buffer)
            except (OSError, anyio.BrokenResourceError, anyio.ClosedResourceError) as error:
                raise self._lost(httpcore.WriteError, error) from None

    def _lost(self, kind: Any, error: Exception) -> Exception:
        self.cause = error if isinstance(error, OSError) else error.__cause__
        lost: Exception = kind(str(self.cause or error))
        return lost

    async def aclose(self) -> None:
        self._network.opened.pop(self, None)
        await self._plain.aclose()  # without TLS' goodbye, for which a peer may let wait

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> "Stream":
        """Begin TLS with the certificates as they are now; the library's own context is for the whole pool."""
        attempt, route = current_attempt.get(), self._network.route
        is_secure = False
        try:
            self._inner = await TLSStream.wrap(
                self._plain,
                ssl_context=route.tls(attempt.origin, self._network.protocols),
                hostname=attempt.origin.host.rstrip(
                    "."
                ),  # certificates hold names without the dot of the root
                standard_compatible=True,  # an end without TLS' goodbye is an error: anybody can cut the TCP below
            )
            is_secure = True
            attempt.call.step("TLS")
        except (OSError, anyio.BrokenResourceError, anyio.EndOfStream) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            reason = cause if isinstance(cause, OSError) else ConnectionError()
            raise route.not_connected(reason, attempt.origin, attempt.call, is_secure=True) from None
        finally:
            if not is_secure:
                with anyio.CancelScope(shield=True):
                    await self.aclose()
        return self

    def get_extra_info(self, info: str) -> Any:
        if info == "ssl_object":
            return self._inner.extra(TLSAttribute.ssl_object, None)  # noqa: S610 - no query # nosec B610
        if info == "socket":
            return self._plain.extra(SocketAttribute.raw_socket)  # noqa: S610 - no query # nosec B610
        if info == "is_readable":  # asked of an idle connection, which must be silent
            return bool(self._poll.poll(0))
        return None
