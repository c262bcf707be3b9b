"""The example upstream. Copy it for your own."""

from dataclasses import dataclass

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


quotes = Quotes("quotes")
