"""Lists that come in pages, where the schema says how the next one is named."""

from dataclasses import dataclass
from typing import Any

from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.operations import Operation, path_template
from upstreams.management.openapi.text import literal
from upstreams.management.openapi.types import Type

NEXT = {"next", "next_url", "next_link", "nextLink", "next_page_url", "@odata.nextLink"}
"""Members that hold the URL of the next page."""
URLS = {"uri", "url", "uri-reference"}
TAKEN = {"cursor", "items", "max_pages", "more", "next_link", "page"}
"""Arguments of `Upstream.pages`."""


@dataclass(frozen=True)
class Pages:
    """How a list comes in pages.

    Attributes:
        item: the annotation of an item.
        sent: arguments of `Upstream.pages`.
    """

    item: str
    sent: tuple[str, ...] = ()


def pages(
    operation: Operation, document: Document, models: Models, responses: list[dict[str, Any]], kind: Type
) -> Pages | None:
    """Return how the response of an operation comes in pages; None if the schema does not say so."""
    _, in_path = path_template(operation.path)
    if operation.method != "GET" or len(kind.members) != 1 or TAKEN & set(in_path.values()):
        return None
    has_link = any(name.lower() == "link" for one in responses for name in mapping(one.get("headers")))
    if kind.members[0].kind == "list":
        return Pages(item(kind)) if has_link else None
    model = models.models.get(kind.members[0].code)
    lists = {
        name: one
        for name, one in (model.fields.items() if model else ())
        if [member.kind for member in one.members if member.kind != "none"] == ["list"]
    }
    if model is None or len(lists) != 1:
        return None
    ((name, found),) = lists.items()
    held = f"items={_place(name)}"
    if has_link:
        return Pages(item(found), (held,))
    for key in model.fields:
        if key in NEXT and document.resolved(model.merged.properties[key]).get("format") in URLS:
            return Pages(item(found), (held, f"next_link={_place(key)}"))
    return None


def item(kind: Type) -> str:
    """Return the annotation of the items of a list."""
    code = next(member.code for member in kind.members if member.kind == "list")
    return code.removeprefix("list[").removesuffix("]")


def _place(name: str) -> str:
    return f"[{literal(name)}]" if "." in name else literal(name)
