"""A call for the test of a generated module, with arguments that are made up."""

from typing import Any

from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.methods import Method
from upstreams.management.openapi.text import literal

VALUES: dict[str, Any] = {"int": 7, "str": "one"}
LIMITS = {"enum", "maximum", "maxLength", "minimum", "minLength", "pattern"}


class Sample:
    """A call of a method whose arguments need no thought.

    Args:
        document: the schema.
        method: that is called.

    Attributes:
        call: the code after the object; None if it needs more than any text and any number.
        path: the literal of the path that is asked for.
        result: what it is compared with.
    """

    def __init__(self, document: Document, method: Method) -> None:
        self.call: str | None = None
        given: list[str] = []
        path = method.arguments.template
        for argument in method.arguments.positional:
            name, _, code = argument.partition(": ")
            if code not in VALUES or f"{{{name}}}" not in path:
                return
            given.append(literal(VALUES[code]) if code == "str" else repr(VALUES[code]))
            path = path.replace(f"{{{name}}}", str(VALUES[code]))
        if any(not argument.endswith("= None") for argument in method.arguments.named):
            return
        if any(_is_limited(document, one) for one in method.operation.parameters if one["in"] == "path"):
            return
        found = method.reply
        if found.how not in ("json", "nothing", "text") or found.may_be_empty:
            return
        if found.how == "json" and found.kind.is_nullable:
            return
        self.path = literal(path)
        self.result = "is None" if found.how == "nothing" else "is not None"
        self.call = f"{method.operation.name}({', '.join(given)})"


def _is_limited(document: Document, parameter: dict[str, Any]) -> bool:
    return not LIMITS.isdisjoint(document.resolved(mapping(parameter.get("schema"))))
