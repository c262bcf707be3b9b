"""The responses of an operation: what its method returns, and the errors that the schema names."""

from dataclasses import dataclass, field
from typing import Any

from upstreams.management.openapi import names
from upstreams.management.openapi.bodies import JSON, media_types
from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.operations import Operation
from upstreams.management.openapi.paging import Pages, pages
from upstreams.management.openapi.text import remark
from upstreams.management.openapi.types import ANY, Type, without_rivals

EVENTS = "text/event-stream"
LINES = {
    "application/jsonl", "application/x-ndjson", "application/ndjson", "application/x-jsonlines",
    "application/jsonlines", "application/json-lines", "application/stream+json",
}  # fmt: skip


@dataclass
class Reply:
    """What a method returns.

    Attributes:
        how: json, bytes, text, events, lines, pages or nothing.
        kind: the type of the JSON.
        may_be_empty: whether a success may have no body.
        streams: a second reply, of a method beside: server-sent events, or the items of all pages.
        pages: how a list comes in pages.
        errors: status -> the schema's words.
    """

    how: str = "nothing"
    kind: Type = ANY
    may_be_empty: bool = False
    streams: "Reply | None" = None
    pages: Pages = field(default_factory=lambda: Pages(""))
    errors: dict[str, str] = field(default_factory=dict)

    @property
    def annotation(self) -> str:
        """The annotation of what is returned."""
        code = {
            "json": self.kind.code,
            "bytes": "bytes",
            "text": "str",
            "events": "AsyncGenerator[ServerSentEvent]",
            "lines": f"AsyncGenerator[{self.kind.code}]",
            "pages": f"AsyncGenerator[{self.pages.item}]",
        }.get(self.how, "None")
        return self.kind.or_none_code if self.how == "json" and self.may_be_empty else code


def reply(operation: Operation, document: Document, models: Models) -> Reply:
    """Return what an operation responds with."""
    found = Reply()
    good: list[dict[str, Any]] = []
    for status, value in mapping(operation.spec.get("responses")).items():
        response = document.resolved(value)
        if str(status).startswith("2"):
            good.append(response)
        elif str(status)[:1] in ("3", "4", "5") and str(status)[1:].upper().isalnum():
            found.errors[str(status)[:3]] = remark(response.get("description"))
    if not good:
        good = [document.resolved(mapping(operation.spec.get("responses")).get("default"))]
    contents = [media_types(response.get("content")) for response in good]
    kinds = [_json(operation, models, content) for content in contents]
    known = [kind for kind in kinds if kind is not None]
    every = {name for content in contents for name in content}
    if operation.method == "HEAD":
        return found
    if known and all(kind.code == "None" for kind in known):
        return found
    if known:
        members, _ = without_rivals([member for kind in known for member in kind.members])
        same = all(kind.code == known[0].code for kind in known)
        rivals = [one for one in members if one.kind in ("object", "struct")]
        found.how = "json"
        found.kind = known[0] if same else (ANY if len(rivals) > 1 else Type(tuple(members)))
        found.may_be_empty = len(known) < len(kinds) and any(not content for content in contents)
        found_pages = pages(operation, document, models, good, found.kind)
        if EVENTS in every:
            found.streams = Reply("events", errors=found.errors)
        elif found_pages is not None:
            found.streams = Reply("pages", pages=found_pages)
    elif EVENTS in every:
        found.how = "events"
    elif line := next((name for name in sorted(every) if name in LINES), ""):
        found.how = "lines"
        schema = next(content[line] for content in contents if line in content).get("schema")
        found.kind = models.type(schema, names.camel(f"{operation.name}_line"))
    elif every:
        found.how = "text" if all(name.startswith("text/") for name in every) else "bytes"
    return found


def _json(operation: Operation, models: Models, content: dict[str, Any]) -> Type | None:
    for name, value in content.items():
        if JSON.fullmatch(name) and (name.endswith("json") or value.get("schema")):
            if mapping(value.get("schema")).get("format") == "binary":
                return None
            return models.type(value.get("schema"), names.camel(f"{operation.name}_response"))
    return None
