"""The bodies of one response in a schema: an example of them, and whether it allows one."""

import json
from dataclasses import dataclass
from typing import Any

from upstreams.management.openapi.bodies import JSON
from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.replies import EVENTS, LINES
from upstreams.management.schemas.content import body_problem, media_type, preferred
from upstreams.management.schemas.examples import WAYS, Maker
from upstreams.management.schemas.pointers import Pointer, located
from upstreams.management.schemas.statuses import number_of
from upstreams.management.schemas.validation import Validation


@dataclass(frozen=True)
class Example:
    """A response.

    Attributes:
        status: a number.
        headers: lower-case names.
        body: as it is sent.
    """

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class ResponseBodies:
    """One response of an operation.

    Attributes:
        document: the schema.
        validation: of it.
        response: what it says of the response.
        at: where it does.
        status: as it names it.
    """

    document: Document
    validation: Validation
    response: dict[str, Any]
    at: Pointer
    status: str

    def problem(self, headers: dict[str, str], body: bytes) -> str:
        """Return why the schema does not allow a response; empty if it does.

        Args:
            headers: names in any case.
            body: not encoded.
        """
        return body_problem(self.validation, self.response, self.at, headers, body)

    def example(self, status: int | None) -> Example:
        """Return a response.

        Args:
            status: of it, where the schema names several at once.

        Raises:
            SchemaError: none can be made up.
        """
        number = status or number_of(self.status)
        headers = self._headers()
        content = mapping(self.response.get("content"))
        if not content:
            return Example(number, headers, b"")
        name = preferred(list(content))
        plain = "application/json" if "*" in name else name
        return Example(number, {**headers, "content-type": plain}, self._body(name, mapping(content[name])))

    def _headers(self) -> dict[str, str]:
        found = {}
        for name, value in mapping(self.response.get("headers")).items():
            header, _ = located(self.document, value, ())
            if header.get("required") is True and "schema" in header and name.lower() != "content-type":
                made = Maker(self.document, self.validation, WAYS[0]).value([header["schema"]], name)
                found[name.lower()] = made if isinstance(made, str) else json.dumps(made)
        return found

    def _body(self, name: str, media: dict[str, Any]) -> bytes:
        kind = media_type(name)
        value = self._value(name, media)
        if kind in LINES:
            return json.dumps(value).encode() + b"\n"
        if JSON.fullmatch(kind):
            return json.dumps(value, ensure_ascii=False).encode()
        if kind == EVENTS and not (isinstance(value, str) and value.endswith("\n")):
            # One event; an example that is a stream already ends its last line.
            shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            return f"data: {shown}\n\n".encode()
        if isinstance(value, str):
            return value.encode()
        if kind.endswith("xml"):
            raise SchemaError(f"{kind} is not made up, and the schema has no example of it")
        return b"" if value is None else json.dumps(value, ensure_ascii=False).encode()

    def _value(self, name: str, media: dict[str, Any]) -> Any:
        """Return the example of the media type, or a value of its schema."""
        schema = media.get("schema", {})
        at = (*self.at, "content", name, "schema")
        is_checked = JSON.fullmatch(media_type(name)) is not None and "schema" in media
        for example in self._examples(media):
            if not is_checked or not self.validation.problem(example, at):
                return example
        reason = SchemaError("the schema has none")
        for way in WAYS:
            try:
                value = Maker(self.document, self.validation, way).value([schema])
            except SchemaError as error:
                reason = error
                continue
            if not is_checked or not (problem := self.validation.problem(value, at)):
                return value
            reason = SchemaError(problem)
        raise reason

    def _examples(self, media: dict[str, Any]) -> list[Any]:
        found = [media["example"]] if "example" in media else []
        named = [located(self.document, one, ())[0] for one in mapping(media.get("examples")).values()]
        return found + [one["value"] for one in named if "value" in one]
