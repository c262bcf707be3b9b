"""Makes up values for the test of a generated module."""

from typing import Any

from upstreams.management.openapi.methods import Method
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.text import literal

VALUES: dict[str, Any] = {
    "Any": {},
    "None": None,
    "UUID": "00000000-0000-4000-8000-000000000000",
    "bool": True,
    "dt.date": "2026-01-31",
    "dt.datetime": "2026-01-31T12:00:00Z",
    "float": 1.5,
    "int": 7,
    "str": "one",
}
MAX_DEPTH = 5
MAX_LENGTH = 80


class Sample:
    """A call of a method with arguments that are made up, and its response.

    Args:
        models: the classes.
        method: that is called.

    Attributes:
        call: the code after the object; None if it needs more than text and numbers.
        path: the literal of the path that is asked for.
        respond: the code that responds.
        compare: the code that compares the result.
    """

    def __init__(self, models: Models, method: Method) -> None:
        self._models = models
        self.call: str | None = None
        given: list[str] = []
        path = method.arguments.template
        for argument in method.arguments.positional:
            name, _, code = argument.partition(": ")
            if code not in ("str", "int"):
                return
            value = VALUES[code]
            given.append(literal(value) if code == "str" else repr(value))
            path = path.replace(f"{{{name}}}", str(value))
        for argument in method.arguments.named:
            if not argument.endswith("= None"):
                return
        found = method.reply
        if found.how not in ("json", "nothing", "text") or found.may_be_empty:
            return
        value = (
            "one"
            if found.how == "text"
            else None
            if found.how == "nothing"
            else self._value(found.kind.code, 0)
        )
        if value is ... or len(repr(value)) > 400:
            return
        self.path = literal(path)
        shown = _code(value)
        self.respond = (
            'content("one")' if found.how == "text" else f"json({shown if found.how == 'json' else {}})"
        )
        self.compare = self._comparison(found.how, found.kind.code, shown)
        self.call = f"{method.operation.name}({', '.join(given)})"

    def _comparison(self, how: str, code: str, shown: str) -> str:
        if how == "nothing":
            return " is None"
        if how == "text":
            return ' == "one"'
        if code.startswith("list["):
            return " == []"
        plain = code in ("str", "int", "float", "bool", "Any") or code.startswith("dict[")
        return f" == {shown}" if plain else " is not None"

    def _value(self, code: str, depth: int) -> Any:
        """Return JSON of a type; an ellipsis if it has no small one."""
        first = code.partition(" | ")[0] if not code.startswith(("list[", "dict[")) else code
        if first in VALUES:
            return VALUES[first]
        if first.startswith("list["):
            return []
        if first.startswith("dict["):
            return {}
        if first in self._models.aliases:
            found, _ = self._models.aliases[first]
            return self._value(found.members[0].code, depth + 1)
        model = self._models.models.get(first)
        if model is None or depth > MAX_DEPTH:
            return ...
        fields = {name: model.fields[name] for name in model.fields if name in model.merged.required}
        values = {name: self._value(kind.code, depth + 1) for name, kind in fields.items()}
        if model.tag is not None:
            values[model.tag[0]] = model.tag[1]
        return ... if any(value is ... for value in values.values()) else values


def _code(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {_code(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_code, value)) + "]"
    return literal(value) if isinstance(value, str) else repr(value)
