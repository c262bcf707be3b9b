"""Lists that come in pages, where the schema says how the next one is named."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from upstreams.management.openapi.document import Document, mapping, text
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.objects import Model
from upstreams.management.openapi.operations import Operation, path_template
from upstreams.management.openapi.page_members import (
    CURSORS,
    MORE,
    SAME,
    TOTALS,
    Found,
    kinds,
    members,
    resolved,
    snake,
)
from upstreams.management.openapi.text import literal
from upstreams.management.openapi.types import Type

TAKEN = {"cursor", "items", "max_pages", "more", "next_link", "offset", "page"}
"""Arguments of `Upstream.pages`."""
TAKE_CURSORS = {
    "after", "continuation", "continuation_token", "continue", "cursor", "marker", "next_page_token", "next_token",
    "page_cursor", "page_token", "pagination_token", "starting_after",
}  # fmt: skip
"""Query parameters that take a cursor."""
AFTER = {"after", "after_id", "starting_after"}
"""Query parameters that take the id of the last item."""
PAGES = {"page", "page_no", "page_num", "page_number"}
OFFSETS = {"offset", "skip", "start", "start_at", "start_index"}
SIZES = {"count", "limit", "max_results", "page_limit", "page_size", "per_page", "rows", "size", "take"}
ITEMS = {
    "content", "data", "entries", "hits", "items", "list", "records", "results", "rows", "value", "values",
}  # fmt: skip
"""Members that hold the items, if there are other lists beside them."""


@dataclass(frozen=True)
class Pages:
    """How a list comes in pages.

    Attributes:
        item: the annotation of an item.
        is_alias: whether that is the name of a union.
        sent: arguments of `Upstream.pages`.
        from_zero: the query parameter that counts pages from 0, if there is one.
    """

    item: str
    is_alias: bool = False
    sent: tuple[str, ...] = ()
    from_zero: str = ""

    def by(self, *sent: str, from_zero: str = "") -> "Pages":
        """Return the same list with further arguments."""
        return replace(self, sent=(*self.sent, *sent), from_zero=from_zero or self.from_zero)


def pages(
    operation: Operation, document: Document, models: Models, responses: list[dict[str, Any]], kind: Type
) -> Pages | None:
    """Return how the response of an operation comes in pages; None if the schema does not say so."""
    _, in_path = path_template(operation.path)
    if operation.method != "GET" or len(kind.members) != 1 or TAKEN & set(in_path.values()):
        return None
    has_link = any(name.lower() == "link" for one in responses for name in mapping(one.get("headers")))
    query = {text(one["name"]): one for one in operation.parameters if one["in"] == "query"}
    if kind.members[0].kind == "list":
        found = _pages(kind, models)
        return found if has_link else _numbered(found, query, document)
    model = models.models.get(kind.members[0].code)
    if model is None or (name := _items(model)) is None:
        return None
    found = _pages(model.fields[name], models, f"items={Found((name,), {}, is_sure=True).place}")
    if has_link:
        return found
    every = members(document, model.merged)
    if link := next((one for one in every if one.is_link), None):
        return found.by(f"next_link={link.place}")
    more = tuple(f"more={one.place}" for one in every if _says_more(one))[:1]
    numbered = None
    if more or name in ITEMS or any(one.name in TOTALS for one in every):
        numbered = _numbered(found, query, document)
    # Some have cursors only if they are asked for: without one, the list would seem to have a single page.
    same = {f"next_{name}" for name in PAGES | OFFSETS}
    cursor = _cursor(query, [one for one in every if one.is_sure or numbered is None or one.name in same])
    if cursor := cursor or (_last_id(query, models.models.get(found.item), name) if more else ""):
        return found.by(f"cursor={{{cursor}}}", *more)
    return numbered.by(*more) if numbered else None


def _pages(kind: Type, models: Models, *sent: str) -> Pages:
    """Return the pages of a list."""
    code = next(member.code for member in kind.members if member.kind == "list")
    of = code.removeprefix("list[").removesuffix("]")
    return Pages(of, is_alias=of in models.aliases, sent=sent)


def _items(model: Model) -> str | None:
    """Return the name of the list of a page: the only one, or the only one that is named like it."""
    lists = [
        name
        for name, one in model.fields.items()
        if [member.kind for member in one.members if member.kind != "none"] == ["list"]
    ]
    if len(lists) > 1:
        lists = [name for name in lists if name in ITEMS]
    return lists[0] if len(lists) == 1 else None


def _says_more(one: Found) -> bool:
    # One that may be missing is none to rely on: `pages` refuses a page that does not say.
    return one.name in MORE and one.is_sure and kinds(one.schema) == {"boolean"}


def _cursor(query: Iterable[str], every: list[Found]) -> str:
    """Return the parameter and the member of the next cursor, as an entry of a dict; empty if there are none."""
    texts = [one for one in every if kinds(one.schema) <= {"string", "integer"} and not one.is_url]
    for name in query:
        own = snake(name)
        for one in texts:
            is_same = one.name == own and (
                own in SAME or own.startswith("next") or one.parent.startswith("next")
            )
            is_next = one.name == f"next_{own}" and own in TAKE_CURSORS | PAGES | OFFSETS
            if is_same or is_next:
                return f"{literal(name)}: {one.place}"
    taking = [name for name in query if snake(name) in TAKE_CURSORS]
    giving = [one for one in texts if one.name in CURSORS and kinds(one.schema) == {"string"}]
    return f"{literal(taking[0])}: {giving[0].place}" if len(taking) == len(giving) == 1 else ""


def _last_id(query: Iterable[str], of_items: Model | None, name: str) -> str:
    """Return the parameter for the id of the last item, as an entry of a dict; empty if there is none."""
    taking = next((one for one in query if snake(one) in AFTER), "")
    if not taking or of_items is None or "id" not in of_items.merged.required:
        return ""
    return f"{literal(taking)}: {Found((name, '-1', 'id'), {}, is_sure=True).place}"


def _numbered(found: Pages, query: dict[str, dict[str, Any]], document: Document) -> Pages | None:
    """Return pages that are named by their number, or by that of the items before them; None if they are not."""
    if not any(snake(name) in SIZES for name in query):
        return None
    for known, argument in ((PAGES, "page"), (OFFSETS, "offset")):
        for name, one in query.items():
            schema = resolved(document, one.get("schema"))
            if snake(name) in known and kinds(schema) == {"integer"}:
                is_zero = argument == "page" and schema.get("default", schema.get("minimum")) == 0
                return found.by(f"{argument}={literal(name)}", from_zero=name if is_zero else "")
    return None
