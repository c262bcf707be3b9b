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


quotes = Quotes("quotes")
