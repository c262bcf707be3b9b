"""Reads a stream an item at a time: events, or lines of JSON."""

from collections.abc import AsyncIterator, Collection
from typing import Protocol

from upstreams.clients.item_limits import ItemLimits
from upstreams.clients.lines import ItemTooLarge
from upstreams.core.call import Call
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.errors import UpstreamDecodeError
from upstreams.core.httpx import Response, media_type, stream_of
from upstreams.core.urls import TOKEN


class Parser[T](Protocol):
    """Turns bytes into items."""

    def feed(self, data: bytes, /) -> list[T]: ...
    def end(self) -> list[T]: ...


async def read_items[T](
    response: Response, parser: Parser[T], limits: ItemLimits, call: Call
) -> AsyncIterator[T]:
    """Return the items of a streamed response. Time counts while the reader waits for an item, not while it works.

    Raises:
        UpstreamError: one of `upstreams.core.errors`.
    """
    chunks = aiter(stream_of(response))
    seconds, limit = limits.first(call)
    is_first, is_over = True, False
    while not is_over:
        items: list[T] | None = None
        try:
            with CancelScope(seconds):
                items, is_over = await _next_items(chunks, parser)
        except ItemTooLarge:
            raise limits.too_large(call) from None
        if items is None:
            raise limits.late(limit, call, is_first=is_first)
        for item in items:
            yield item
        if is_first:
            is_first = False
            seconds, limit = limits.idle(call)


async def _next_items[T](chunks: AsyncIterator[bytes], parser: Parser[T]) -> tuple[list[T], bool]:
    """Return the next items, and whether they are the last ones."""
    async for chunk in chunks:
        if items := parser.feed(chunk):
            return items, False
    return parser.end(), True


def check_content_type(response: Response, expected: Collection[str], call: Call, hint: str) -> None:
    """Refuse a body of another kind.

    Args:
        response: without a `Content-Type`, it may be of any kind.
        expected: the media types, the most common one first.
        call: that the response belongs to.
        hint: what to do if the type is another one.

    Raises:
        UpstreamDecodeError: the type is another one.
    """
    given = media_type(response)
    if given and given not in expected:
        kind, slash, name = given.partition("/")
        # The upstream's own words stay out of the message, unless they are a type.
        shown = given if TOKEN.fullmatch(kind) and slash and TOKEN.fullmatch(name) else "of an unknown kind"
        raise UpstreamDecodeError(
            f"the response is {shown[:100]}, not {next(iter(expected))}; {hint}", call=call
        )
