"""The body of a response that aiohttp reads."""

from collections.abc import AsyncIterator

import aiohttp

from upstreams.core.httpx import httpx
from upstreams.transport.aiohttp_errors import Attempt, mapped
from upstreams.transport.generations import Generation, Generations
from upstreams.transport.route import Route


class IncomingBody(httpx.AsyncByteStream):
    """A body that aiohttp reads.

    Args:
        response: of aiohttp.
        generations: the sessions.
        generation: the session that the connection belongs to.
        attempt: that the body belongs to.
        route: to the upstream.
    """

    def __init__(
        self,
        response: aiohttp.ClientResponse,
        generations: Generations[aiohttp.ClientSession],
        generation: Generation[aiohttp.ClientSession],
        attempt: Attempt,
        route: Route,
    ) -> None:
        self._response = response
        self._generations = generations
        self._generation = generation
        self._attempt = attempt
        self._route = route
        self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            while chunk := await self._response.content.readany():
                yield chunk
        except Exception as error:  # noqa: BLE001 - mapped, or raised as it is
            raise mapped(error, self._attempt, self._route, in_body=True) from None
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._response.close()  # the connection, too, unless the whole body was read
            self._generations.leave(self._generation)
