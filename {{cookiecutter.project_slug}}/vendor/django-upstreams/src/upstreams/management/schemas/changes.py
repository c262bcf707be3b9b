"""What has changed in a schema. More breaks what we send, less breaks what we receive, and the reverse does not."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from upstreams.management.openapi.document import Document, items, mapping, text
from upstreams.management.schemas.dialect import COUNTS, NUMBERS

LIMITS = sorted(COUNTS | NUMBERS | {"const", "format", "pattern", "uniqueItems"})
MAX_VALUE = 40
"""Characters of a value in a line."""


@dataclass(frozen=True)
class Change:
    """One change.

    Attributes:
        breaks: whether a client of the old schema may fail.
        where: the operation, and the part of it.
        what: in words; begins with `$` or the name of the schema.
        others: further places that it concerns.
        is_shared: whether it is of a schema with a name, and the same wherever that is used.
    """

    breaks: bool
    where: str
    what: str
    others: int = 0
    is_shared: bool = False

    @property
    def line(self) -> str:
        """The change in one line."""
        more = f", and {self.others} more" if self.others else ""
        return f"{'breaks ' if self.breaks else 'changes'} {self.where}{more}: {self.what}"


class SchemaChanges:
    """Compares two schemas.

    Args:
        old: the document of the first one.
        new: the document of the second one.
        where: for the lines.
        is_sent: whether the values are sent to the upstream, or received.
    """

    def __init__(self, old: Document, new: Document, where: str, *, is_sent: bool) -> None:
        self._old = old
        self._new = new
        self._where = where
        self._is_sent = is_sent
        self._seen: set[tuple[int, int]] = set()

    def compare(self, old: object, new: object, at: str = "$") -> Iterator[Change]:
        """Yield the changes.

        Raises:
            SchemaError: a reference leads nowhere.
        """
        names = (text(mapping(one).get("$ref")).rpartition("/")[2] for one in (old, new))
        at = next((name for name in names if name), at)
        before, after = self._old.resolved(old), self._new.resolved(new)
        if before == after == {} or (id(before), id(after)) in self._seen:
            return
        self._seen.add((id(before), id(after)))
        if any((key in before) != (key in after) for key in ("anyOf", "oneOf")):
            yield self._change(True, f"{at} is {_form(after)} now, and was {_form(before)}")
            return
        for breaks, what in (*self._types(before, after, at), *self._values(before, after, at)):
            yield self._change(breaks, what)
        yield from self._properties(before, after, at)
        for key, suffix in (("items", "[]"), ("additionalProperties", ".*")):
            if isinstance(before.get(key), dict) and isinstance(after.get(key), dict):
                yield from self.compare(before[key], after[key], at + suffix)
        for key in ("allOf", "anyOf", "oneOf"):
            yield from self._members(key, items(before.get(key)), items(after.get(key)), at)

    def _change(self, breaks: bool, what: str) -> Change:
        return Change(breaks, self._where, what, is_shared=not what.startswith("$"))

    def _types(self, old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[tuple[bool, str]]:
        before, after = _types(old), _types(new)
        if before != after:
            lost, won = (before - after, after - before) if before and after else (before, after)
            what = f"{at} is {_listed(after) or 'of any type'}, and was {_listed(before) or 'of any type'}"
            yield bool(lost if self._is_sent else won or not after), what

    def _values(self, old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[tuple[bool, str]]:
        before, after = ([json.dumps(one) for one in items(schema.get("enum"))] for schema in (old, new))
        if gone := [value for value in before if after and value not in after]:
            yield self._is_sent, f"{at} can no longer be {_listed(gone)}"
        if won := [value for value in after if before and value not in before]:
            yield False, f"{at} may be {_listed(won)}"
        if bool(before) != bool(after):
            yield self._is_sent and bool(after), f"{at} has {'a list' if after else 'no list'} of values now"
        for key in LIMITS:
            if old.get(key) != new.get(key):
                breaks = key == "format" or (self._is_sent and key in new)
                yield breaks, f"{at} has {key} {_shown(new.get(key))}, and had {_shown(old.get(key))}"

    def _properties(self, old: dict[str, Any], new: dict[str, Any], at: str) -> Iterator[Change]:
        before, after = mapping(old.get("properties")), mapping(new.get("properties"))
        was, is_ = set(map(str, items(old.get("required")))), set(map(str, items(new.get("required"))))
        for name in dict.fromkeys([*before, *after, *sorted(was | is_)]):
            here = f"{at}.{name}"
            if name in before and name not in after:
                yield self._change(True, f"{here} is gone")
            elif name in after and name not in before:
                is_needed = name in is_ and self._is_sent
                yield self._change(is_needed, f"{here} is new{' and required' * is_needed}")
            elif name in is_ - was:
                yield self._change(self._is_sent, f"{here} is required now")
            elif name in was - is_:
                yield self._change(not self._is_sent, f"{here} may be absent now")
            if name in before and name in after:
                yield from self.compare(before[name], after[name], here)
        if old.get("additionalProperties") is not False and new.get("additionalProperties") is False:
            yield self._change(self._is_sent, f"{at} can have no other properties now")

    def _members(self, key: str, old: list[Any], new: list[Any], at: str) -> Iterator[Change]:
        """Compare members by their references, and the others by their order."""
        before, after = _named(old), _named(new)
        for name in dict.fromkeys([*before, *after]):
            if name in before and name in after:
                yield from self.compare(before[name], after[name], at)
                continue
            is_more = name in after
            breaks = key == "allOf" or is_more != self._is_sent
            what = f"{at} {'may be' if is_more else 'can no longer be'} {name}"
            if key == "allOf":
                what = f"{at} is {'now' if is_more else 'no longer'} {name}, too"
            yield self._change(breaks, what)


def _form(schema: dict[str, Any]) -> str:
    return "one of several schemas" if {"anyOf", "oneOf"} & set(schema) else "one schema"


def _named(members: list[Any]) -> dict[str, Any]:
    return {
        text(mapping(one).get("$ref")).rpartition("/")[2] or f"its member {number}": one
        for number, one in enumerate(members, 1)
    }


def _types(schema: dict[str, Any]) -> set[str]:
    found = schema.get("type")
    types = {one for one in (found if isinstance(found, list) else [found]) if isinstance(one, str)}
    return types | {"null"} if types and schema.get("nullable") is True else types


def _listed(values: list[str] | set[str]) -> str:
    return " or ".join(sorted(values)[:10])


def _shown(value: Any) -> str:
    return "none" if value is None else json.dumps(value)[:MAX_VALUE]
