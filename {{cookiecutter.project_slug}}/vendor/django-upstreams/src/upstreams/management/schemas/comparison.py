"""What has changed between a recorded schema and the present one, and which of it breaks who calls it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from upstreams.management.openapi.bodies import media_types
from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.openapi.operations import Operation, all_of
from upstreams.management.schemas.changes import Change, SchemaChanges


@dataclass(frozen=True)
class Place:
    """One operation in both documents."""

    name: str
    old: Operation
    new: Operation


def changes(old: Document, new: Document) -> list[Change]:
    """Return the changes, those that break a client first.

    Args:
        old: as recorded.
        new: as it is now.

    Raises:
        SchemaError: a reference leads nowhere.
    """
    before, after = (
        {(one.method, one.path): one for one in all_of(document, set())} for document in (old, new)
    )
    found = [
        Change(True, f"{method} {path}", "is gone") for method, path in before if (method, path) not in after
    ]
    found += [
        Change(False, f"{method} {path}", "is new") for method, path in after if (method, path) not in before
    ]
    if old.root.get("servers") != new.root.get("servers"):
        found.append(Change(False, "servers", f"are now {_urls(new)}"))
    comparison = _Comparison(old, new)
    for key in before.keys() & after.keys():
        found += comparison.operation(Place(f"{key[0]} {key[1]}", before[key], after[key]))
    return _merged(sorted(found, key=lambda one: (not one.breaks, one.where, one.what)))


def _urls(document: Document) -> str:
    return (
        ", ".join(text(mapping(one).get("url")) for one in items(document.root.get("servers"))) or "not named"
    )


def _merged(found: list[Change]) -> list[Change]:
    """Return each change of a named schema once, with the number of further operations that it concerns."""
    by_what: dict[tuple[bool, str], list[Change]] = {}
    for one in found:
        by_what.setdefault((one.breaks, one.what if one.is_shared else one.line), []).append(one)
    return [
        Change(first.breaks, first.where, first.what, len({one.where for one in others}))
        for first, *others in by_what.values()
    ]


class _Comparison:
    def __init__(self, old: Document, new: Document) -> None:
        self._old = old
        self._new = new

    def operation(self, place: Place) -> Iterator[Change]:
        yield from self._parameters(place)
        yield from self._request(place)
        yield from self._responses(place)
        old, new = (
            one.spec.get("security", document.root.get("security"))
            for one, document in ((place.old, self._old), (place.new, self._new))
        )
        if old != new:
            yield Change(True, place.name, "asks for other credentials")

    def _parameters(self, place: Place) -> Iterator[Change]:
        before, after = (
            {(text(one.get("in")), text(one.get("name"))): one for one in operation.parameters}
            for operation in (place.old, place.new)
        )
        for key in dict.fromkeys([*before, *after]):
            old, new = before.get(key, {}), after.get(key, {})
            where = f"{place.name}, {key[0]} {key[1]}"
            is_needed = new.get("required") is True
            if not new:
                yield Change(True, where, "is gone")
            elif not old:
                yield Change(is_needed, where, "is new and required" if is_needed else "is new")
            else:
                if is_needed and old.get("required") is not True:
                    yield Change(True, where, "is required now")
                yield from self._schemas(where, "request").compare(old.get("schema"), new.get("schema"))

    def _request(self, place: Place) -> Iterator[Change]:
        old = self._old.resolved(place.old.spec.get("requestBody"))
        new = self._new.resolved(place.new.spec.get("requestBody"))
        where = f"{place.name}, request"
        if new.get("required") is True and old.get("required") is not True:
            yield Change(True, where, "is required now")
        yield from self._content(where, "request", old, new)

    def _responses(self, place: Place) -> Iterator[Change]:
        before, after = (mapping(one.spec.get("responses")) for one in (place.old, place.new))
        for status in dict.fromkeys([*before, *after]):
            where = f"{place.name}, response {status}"
            if status not in after:
                yield Change(str(status).startswith("2"), where, "is gone")
            elif status not in before:
                yield Change(False, where, "is new")
            else:
                old, new = self._old.resolved(before[status]), self._new.resolved(after[status])
                yield from self._content(where, "response", old, new)

    def _content(self, where: str, side: str, old: dict[str, Any], new: dict[str, Any]) -> Iterator[Change]:
        before, after = media_types(old.get("content")), media_types(new.get("content"))
        for name in dict.fromkeys([*before, *after]):
            if name not in after:
                yield Change(True, where, f"is no longer {name}")
            elif name not in before:
                yield Change(side == "response" and not before, where, f"may be {name}")
            else:
                schemas = self._schemas(where, side)
                yield from schemas.compare(before[name].get("schema"), after[name].get("schema"))

    def _schemas(self, where: str, side: str) -> SchemaChanges:
        return SchemaChanges(self._old, self._new, where, is_sent=side == "request")
