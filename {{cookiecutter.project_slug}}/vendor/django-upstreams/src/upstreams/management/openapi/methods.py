"""Writes the methods of a class."""

import re

from upstreams.management.openapi.arguments import Arguments, arguments
from upstreams.management.openapi.bodies import Body, body
from upstreams.management.openapi.document import Document
from upstreams.management.openapi.layout import Group, call, lines
from upstreams.management.openapi.models import Models
from upstreams.management.openapi.operations import Operation
from upstreams.management.openapi.replies import Reply, reply
from upstreams.management.openapi.text import docstring, literal, paragraphs, printable, remark, sentence

INDENT = "        "
VERBS = {"GET": "get", "POST": "post", "PUT": "put", "PATCH": "patch", "DELETE": "delete"}
TAKES_BODY = {"POST", "PUT", "PATCH", "DELETE"}


class Method:
    """The method of an operation.

    Args:
        operation: of the schema.
        document: the schema.
        models: gets the classes that the method needs.

    Attributes:
        sends, receives: annotations, from which the classes of requests and of responses follow.
        missing: what it does not send.
    """

    def __init__(self, operation: Operation, document: Document, models: Models) -> None:
        self.operation = operation
        self.arguments: Arguments = arguments(operation, document, models)
        has_body = operation.method in TAKES_BODY
        self.body: Body = body(operation, document, models, self.arguments) if has_body else Body()
        self.reply: Reply = reply(operation, document, models)
        self.sends = " ".join([self.body.code, *self.arguments.positional, *self.arguments.named])
        self.receives = self.reply.annotation
        self.missing = self.arguments.missing

    @property
    def second(self) -> str:
        """The name of the method beside it, which returns events or the items of all pages; empty if there is none."""
        return f"{self.operation.name}_{self.reply.streams.how}" if self.reply.streams else ""

    def lines(self) -> list[str]:
        """Return the lines of the method, and of the one beside it."""
        written = self._method(self.operation.name, self.reply)
        if self.reply.streams is not None:
            written += ["", *self._method(self.second, self.reply.streams)]
        return written

    def _method(self, name: str, found: Reply) -> list[str]:
        named = self.arguments.named
        given = ["self", *self.arguments.positional, *(["*", *named] if named else [])]
        is_stream = found.how in ("events", "lines", "pages")
        start = f"{'' if is_stream else 'async '}def {name}("
        return [
            *lines(Group(start, tuple(given), f") -> {found.annotation}:"), "    "),
            *self._docstring(name, found),
            *self._statements(found),
        ]

    def _docstring(self, name: str, found: Reply) -> list[str]:
        if found.how == "pages":
            return docstring([f"Return the items of all pages of `{self.operation.name}`."], INDENT)
        spec = self.operation.spec
        summary, described = remark(spec.get("summary")), paragraphs(spec.get("description"))
        if not summary:
            summary, described = (described[0], described[1:]) if described else (f"{self._call_name()}.", [])
        said = [sentence(summary)]
        if described and described[0].rstrip(".") == summary.rstrip("."):
            described = described[1:]
        if spec.get("deprecated") is True:
            said += ["", "Deprecated."]
        for paragraph in described:
            said += ["", sentence(paragraph)]
        own = [argument.partition(":")[0] for argument in self.arguments.positional + self.arguments.named]
        documented = [(one, self.arguments.words[one]) for one in own if self.arguments.words.get(one)]
        if documented:
            said += ["", "Args:", *(f"    {one}: {words}" for one, words in documented)]
        if found.kind.note and found.how == "json":
            said += ["", "Returns:", f"    {sentence(found.kind.note)}"]
        errors = {status: words.rstrip(".") for status, words in found.errors.items() if status[0] != "3"}
        if errors:
            listed = "; ".join(f"{status}, {words}" if words else status for status, words in errors.items())
            said += ["", "Raises:", f"    UpstreamStatusError: {sentence(listed)}"]
        return docstring(said, INDENT)

    def _call_name(self) -> str:
        return f"Call {self.operation.method} {printable(self.operation.path)}"

    def _statements(self, found: Reply) -> list[str]:
        written: list[str] = []
        sent = [*self.arguments.more]
        query = self.arguments.query
        if first := found.pages.from_zero:
            start = f"{literal(first)}: "
            query = [f"{one} or 0" if one.startswith(start) else one for one in query]
        for key, entries in (("params", query), ("headers", self.arguments.headers)):
            if entries:
                written += lines(Group(f"{key} = {{", tuple(entries), "}"), INDENT)
                part = "query" if key == "params" else key
                sent.append(f"{key}=_given({key})" if part in self.arguments.is_partial else f"{key}={key}")
        for key, entries in self.body.before:
            written += lines(Group(f"{key} = {{", tuple(entries), "}"), INDENT)
        sent += self.body.sent
        if found.how in ("json", "lines"):
            sent.append(f"into={_into(found)}")
        elif found.how == "pages":
            sent += [*found.pages.sent, f"into={_type(found.pages.item, is_alias=found.pages.is_alias)}"]
        return written + [line for one in self._sending(found, sent) for line in lines(one, INDENT)]

    def _sending(self, found: Reply, sent: list[str]) -> "list[str | Group]":
        method, path = self.operation.method, literal(self.arguments.template)
        verb = VERBS.get(method, "request")
        given = [path, *sent] if method in VERBS else [literal(method), path, *sent]
        if found.how in ("events", "lines"):
            name = "events" if found.how == "events" else "json_lines"
            return [call(f"return self.{name}(", literal(method), path, *sent)]
        if found.how == "pages":
            return [call("return self.pages(", path, *sent)]
        if found.how == "nothing":
            return [call(f"await self.{verb}(", *given)]
        if found.how == "json":
            return [call(f"return await self.{verb}(", *given)]
        one = call(f"response = await self.{verb}(", *given)
        return [one, f"return response.{'text' if found.how == 'text' else 'content'}"]


def _into(found: Reply) -> str:
    code = found.kind.or_none_code if found.may_be_empty else found.kind.code
    return _type(code, is_alias=bool(found.kind.alias))


def _type(code: str, *, is_alias: bool = False) -> str:
    # A checker takes a union for no type[…].
    outside = code
    while "[" in outside:
        outside = re.sub(r"\[[^\[\]]*\]", "", outside)
    is_union = is_alias or "|" in outside
    return f'cast("type[{code}]", {code})' if is_union or code in ("Any", "None") else code
