"""The upstream that this suite calls, whatever upstreams the service itself has."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass

from upstreams import Upstream


@dataclass(frozen=True)
class Quote:
    text: str
    author: str


class Quotes(Upstream):
    async def random(self) -> Quote:
        return await self.get("random", into=Quote)

    async def by(self, author: str) -> list[Quote]:
        return await self.get("authors/{author}", author=author, into=list[Quote])

    async def export(self) -> AsyncGenerator[bytes]:
        async with self.stream("GET", "export") as response:
            async for chunk in response.aiter_bytes():
                yield chunk


quotes = Quotes("quotes")
