"""Where a page says what to ask for next."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from msgspec import Raw

from upstreams.clients.responses import decoded
from upstreams.core.call import Call
from upstreams.core.errors import UpstreamDecodeError
from upstreams.core.httpx import Response
from upstreams.core.validation import ValidationError, decode_json

Place = str | Sequence[str | int]
"""A member of a JSON body: `response_metadata.next_cursor`, `data.-1.id`; a sequence if a name has a dot in it."""
HEADER = "header:"
INDEX = re.compile(r"-?\d+")


@dataclass(frozen=True)
class Paging:
    """How an upstream divides a list into pages: the arguments of `Upstream.pages` of the same names."""

    items: Place | None
    next_link: Place | None
    cursor: Mapping[str, Place] | None
    page: str | None
    offset: str | None
    more: Place | None

    def check(self, name: str) -> None:
        """Raise a ValueError if the arguments contradict each other."""
        given = [key for key in ("next_link", "cursor", "page", "offset") if getattr(self, key)]
        if len(given) > 1:
            raise ValueError(f"upstream {name}: pass one of {' and '.join(given)}; each is a kind of paging")
        if self.more is not None and given in ([], ["next_link"]):
            raise ValueError(
                f"upstream {name}: more= ends pages by cursor=, page= or offset=; a link ends by itself"
            )


def items_of[T](response: Response, place: Place | None, into: type[T], call: Call) -> list[T]:
    """Return the items of a page.

    Raises:
        UpstreamDecodeError: there is no list, or an item does not fit.
    """
    raw: bytes | None = response.content if place is None else member(response.content, place)
    if raw is None:
        what = f"the page has no member {_shown(place)}; name the one that holds its items by items="
        raise UpstreamDecodeError(what, call=call)
    if place is None and raw.lstrip()[:1] == b"{":
        what = 'the page is no list but an object; name the member that holds its items, as items="data"'
        raise UpstreamDecodeError(what, call=call)
    return decoded(raw, list[into], call, "an item of the page", "the list")  # type: ignore[valid-type]


def has_more(response: Response, place: Place, call: Call) -> bool:
    """Return what a page says about further ones.

    Raises:
        UpstreamDecodeError: it does not say.
    """
    raw = member(response.content, place)
    if raw is None:
        raise UpstreamDecodeError(f"the page has no member {_shown(place)}, named by more=", call=call)
    return bool(decoded(raw, Any, call))


def text_of(response: Response, place: Place, call: Call) -> str | None:
    """Return the cursor or the link that a page has in a member of its body, or a header; None if it has none.

    Raises:
        UpstreamDecodeError: it is neither text nor a number.
    """
    if isinstance(place, str) and place.startswith(HEADER):
        return response.headers.get(place.removeprefix(HEADER).strip()) or None
    raw = member(response.content, place)
    value: object = None if raw is None else decoded(raw, Any, call)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise UpstreamDecodeError(
            f"{_shown(place)} of the page is neither text nor a whole number", call=call
        )
    return str(value)


def member(content: bytes, place: Place) -> bytes | None:
    """Return a member of a JSON body as JSON, so that no number is changed on the way; None if there is none."""
    for step in place.split(".") if isinstance(place, str) else place:
        try:
            if isinstance(step, int) or (INDEX.fullmatch(step) and content.lstrip()[:1] == b"["):
                content = bytes(decode_json(content, list[Raw])[int(step)])
            else:
                content = bytes(decode_json(content, dict[str, Raw])[step])
        except (IndexError, KeyError, ValidationError):
            return None
    return content


def _shown(place: Place | None) -> str:
    return place if isinstance(place, str) else ".".join(map(str, place or ()))
