"""The base class of all policies: a transport that wraps another one."""

from collections.abc import AsyncIterator, Callable, Iterator

from upstreams.core.httpx import Request, Response, Transport, httpx, stream_of

SAFE_METHODS = {"GET", "HEAD", "OPTIONS", "TRACE"}
"""Methods that change nothing (RFC 9110 §9.2.1)."""


class Policy(Transport):
    """Passes requests on to the transport it wraps, and closes that one.

    Args:
        inner: the next transport.
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: Request) -> Response:
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def policies_of(client: Transport) -> Iterator[Transport]:
    """Return the transports of a client, from the outermost policy to the connections."""
    while isinstance(client, Policy):
        yield client
        client = client._inner
    yield client


class NotifyingStream(httpx.AsyncByteStream):
    """The body of a streamed response that calls a function, once, when it is closed.

    Args:
        response: whose body it replaces.
        on_close: called without arguments.
    """

    def __init__(self, response: Response, on_close: Callable[[], None]) -> None:
        self._inner = stream_of(response)
        self._on_close: Callable[[], None] | None = on_close

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._inner:
            yield chunk

    async def aclose(self) -> None:
        on_close, self._on_close = self._on_close, None
        try:
            await self._inner.aclose()
        finally:
            if on_close is not None:
                on_close()
