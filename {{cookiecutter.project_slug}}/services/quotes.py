"""The example upstream. Copy it for your own."""

from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass

from services import Upstream


@dataclass(frozen=True)
class Quote:
    """What the upstream sends for one quote."""

    text: str
    author: str


class Quotes(Upstream):
    """A service that knows quotes."""

    async def random(self) -> Quote:
        """One quote; another one at each call."""
        return await self.get("random", into=Quote)

    async def by(self, author: str) -> list[Quote]:
        """All quotes of an author, none if the author is unknown."""
        return await self.get("authors/{author}", author=author, into=list[Quote])

    async def like(self, quote: Quote, key: str) -> None:
        """Say that somebody likes a quote; once, however often it is said with the same key."""
        await self.post("likes", json=asdict(quote), headers={"Idempotency-Key": key})

    async def export(self) -> AsyncGenerator[bytes]:
        """All quotes, a line of JSON each, as they come."""
        async with self.stream("GET", "export") as response:
            async for chunk in response.aiter_bytes():
                yield chunk


quotes = Quotes("quotes")
