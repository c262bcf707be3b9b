"""What all policies have in common: a transport around another one."""

from collections.abc import AsyncIterator, Callable, Iterator

from services.core.http import Request, Response, Transport, httpx, stream_of


class Layer(Transport):
    """Passes requests on, and closes what it is around.

    Args:
        inner: the next transport.
    """

    def __init__(self, inner: Transport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: Request) -> Response:
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def layers(client: Transport) -> Iterator[Transport]:
    """A client's transports, from the outermost to the wire."""
    while isinstance(client, Layer):
        yield client
        client = client._inner
    yield client


class Closing(httpx.AsyncByteStream):
    """The body of a streamed answer that calls back, once, when it is closed.

    Args:
        response: whose body it is.
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
