"""The example upstream. Copy it for your own."""

from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass

from upstreams import Upstream


@dataclass(frozen=True)
class Quote:
    """A quote, as the upstream sends it."""

    text: str
    author: str


class Quotes(Upstream):
    """A service that knows quotes."""

    async def random(self) -> Quote:
        """Return a quote, another one at each call."""
        return await self.get("random", into=Quote)

    async def by(self, author: str) -> list[Quote]:
        """Return all quotes of an author, none if the author is unknown."""
        return await self.get("authors/{author}", author=author, into=list[Quote])

    async def like(self, quote: Quote, key: str) -> None:
        """Record that somebody likes a quote; calls with the same key count once."""
        await self.post("likes", json=asdict(quote), idempotency_key=key)

    async def export(self) -> AsyncGenerator[bytes]:
        """Yield all quotes, a line of JSON each, as they arrive."""
        async with self.stream("GET", "export") as response:
            async for chunk in response.aiter_bytes():
                yield chunk


quotes = Quotes("quotes")
