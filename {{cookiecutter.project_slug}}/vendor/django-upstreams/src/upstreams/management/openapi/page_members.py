"""The members of a page by which a schema says that there are more, and where the next one begins."""

from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from upstreams.management.openapi import names
from upstreams.management.openapi.document import Document, text
from upstreams.management.openapi.objects import Merged, merged
from upstreams.management.openapi.text import literal

NEXT = {
    "next", "next_href", "next_link", "next_page_link", "next_page_uri", "next_page_url", "next_uri", "next_url",
    "odata_next_link",
}  # fmt: skip
"""Members that may hold the URL of the next page, in snake case like all names below."""
URLS = {"uri", "url", "uri-reference"}
CURSORS = {
    "continuation", "continuation_token", "cursor", "end_cursor", "next", "next_continuation_token", "next_cursor",
    "next_marker", "next_page_cursor", "next_page_token", "next_token",
}  # fmt: skip
"""Members that may hold a cursor."""
SAME = {"after", "continuation", "continuation_token", "continue", "cursor"}
"""Members that are the next value of the parameter of the same name; any other may repeat the present one."""
MORE = {"has_more", "has_more_items", "has_more_pages", "has_next", "has_next_page", "is_truncated", "more"}
TOTALS = {"count", "total", "total_count", "total_elements", "total_items", "total_results", "total_size"}
ENVELOPES = {
    "cursors", "info", "links", "meta", "metadata", "next", "next_page", "page", "page_info", "pagination", "paging",
    "response_metadata",
}  # fmt: skip
"""Objects of a page that are about its list."""
MAX_DEPTH = 3
MAX_MEMBERS = 1000


class Found(NamedTuple):
    """A member of a page.

    Attributes:
        path: its name, after those of the objects that it is in.
        schema: of its value.
        is_sure: whether it is in each page.
    """

    path: tuple[str, ...]
    schema: dict[str, Any]
    is_sure: bool

    @property
    def name(self) -> str:
        """Its own name, in snake case."""
        return snake(self.path[-1])

    @property
    def place(self) -> str:
        """The expression for it, as `Upstream.pages` takes it."""
        if any("." in part for part in self.path):
            return f"[{', '.join(map(literal, self.path))}]"
        return literal(".".join(self.path))

    @property
    def is_url(self) -> bool:
        """Whether the schema says that it is a URL."""
        example = text(self.schema.get("example"))
        return self.schema.get("format") in URLS or example.startswith(("https://", "http://", "/"))

    @property
    def is_link(self) -> bool:
        """Whether it is the URL of the next page."""
        if self.parent in ("next", "next_page"):
            return self.name == "href" or (self.name in ("uri", "url") and self.is_url)
        return self.name in NEXT and self.is_url

    @property
    def parent(self) -> str:
        """The name of the object that it is in; empty for one of the page itself."""
        return snake(self.path[-2]) if len(self.path) > 1 else ""


def snake(name: str) -> str:
    return "_".join(word.lower() for word in names.words(name))


def kinds(schema: dict[str, Any]) -> set[str]:
    """Return the types that a schema names, but null."""
    given = schema.get("type")
    every = given if isinstance(given, list) else [given]
    return {one for one in every if isinstance(one, str)} - {"null"}


def resolved(document: Document, schema: object) -> dict[str, Any]:
    """Return a schema without its reference, nor the one of `anyOf` and null."""
    one = document.resolved(schema)
    for key in ("anyOf", "oneOf", "allOf"):
        if isinstance(one.get(key), list):
            parts = [document.resolved(part) for part in one[key]]
            parts = [part for part in parts if part.get("type") != "null"]
            if len(parts) == 1 and "properties" not in one:
                return {**one, **parts[0]}
    return one


def members(document: Document, page: Merged) -> list[Found]:
    """Return the members of a page, and those of the objects in it that are about its list."""
    return list(islice(_members(document, page, (), is_sure=True), MAX_MEMBERS))


def _members(document: Document, page: Merged, path: tuple[str, ...], *, is_sure: bool) -> Iterator[Found]:
    for name, value in page.properties.items():
        one = resolved(document, value)
        found = Found((*path, name), one, is_sure and name in page.required)
        yield found
        if found.name in ENVELOPES and len(path) < MAX_DEPTH:
            yield from _members(document, merged(document, one), found.path, is_sure=found.is_sure)
