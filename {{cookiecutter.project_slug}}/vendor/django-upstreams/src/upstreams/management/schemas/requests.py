"""Whether a schema allows a request: its path, its query, its headers and its body."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from upstreams.management.openapi.document import Document, items, text
from upstreams.management.openapi.operations import Operation
from upstreams.management.schemas import paths
from upstreams.management.schemas.content import body_problem
from upstreams.management.schemas.pointers import Pointer, located
from upstreams.management.schemas.validation import Validation

OF_THE_CLIENT = {"accept", "authorization", "content-type"}
"""Headers that OpenAPI describes elsewhere."""
SCALARS = {"integer": int, "number": float}


@dataclass
class RequestChecks:
    """Checks the requests of an operation.

    Attributes:
        operation: of the schema.
        pointer: where it is.
        document: the schema.
        validation: of it.
    """

    operation: Operation
    pointer: Pointer
    document: Document
    validation: Validation

    def problem(self, path: str, query: str, headers: dict[str, str], body: bytes) -> str:
        """Return why the schema does not allow a request; empty if it does.

        Args:
            path: below the server.
            query: as it is sent.
            headers: lower-case names.
            body: not encoded.
        """
        given = {
            "path": {
                name: [value] for name, value in (paths.parameters(self.operation.path, path) or {}).items()
            },
            "query": parse_qs(query, keep_blank_values=True),
            "header": {name: [value] for name, value in headers.items()},
        }
        for parameter, at in self._parameters():
            place, name = text(parameter.get("in")), text(parameter.get("name"))
            if place not in given or (place == "header" and name.lower() in OF_THE_CLIENT):
                continue
            found = given[place].get(name.lower() if place == "header" else name)
            if problem := self._parameter_problem(parameter, at, place, name, found):
                return problem
        return self._body_problem(headers, body)

    def _parameters(self) -> list[tuple[dict[str, Any], Pointer]]:
        item_at = self.pointer[:-1]
        item = self.document.paths[self.operation.path]
        found: dict[tuple[str, str], tuple[dict[str, Any], Pointer]] = {}
        for spec, at in ((self.document.resolved(item), item_at), (self.operation.spec, self.pointer)):
            for number, one in enumerate(items(spec.get("parameters"))):
                parameter, place = located(self.document, one, (*at, "parameters", str(number)))
                found[text(parameter.get("in")), text(parameter.get("name"))] = parameter, place
        return list(found.values())

    def _parameter_problem(
        self, parameter: dict[str, Any], at: Pointer, place: str, name: str, values: list[str] | None
    ) -> str:
        if values is None:
            is_needed = parameter.get("required") is True and place != "path"
            return f"the {place} has no {name}, which is required" if is_needed else ""
        if "schema" not in parameter:
            return ""
        schema = self.document.resolved(parameter["schema"])
        kinds = schema.get("type")
        kinds = kinds if isinstance(kinds, list) else [kinds]
        if "object" in kinds or any(key in schema for key in ("allOf", "anyOf", "oneOf")):
            return ""
        if "array" in kinds:
            return ""  # its form has many styles
        value = _scalar(values[-1], kinds)
        problem = self.validation.problem(value, (*at, "schema"))
        return f"the {place} has {name}={problem.removeprefix('$: ')}" if problem else ""

    def _body_problem(self, headers: dict[str, str], body: bytes) -> str:
        value = self.operation.spec.get("requestBody")
        if value is None:
            return ""
        described, at = located(self.document, value, (*self.pointer, "requestBody"))
        if not body:
            return "it has no body, which is required" if described.get("required") is True else ""
        return body_problem(self.validation, described, at, headers, body)


def _scalar(value: str, kinds: list[Any]) -> Any:
    """Return what a parameter means by its type; text if it is not of that."""
    for kind, read in SCALARS.items():
        if kind in kinds:
            try:
                return read(value)
            except ValueError:
                continue
    if "boolean" in kinds and value in ("true", "false"):
        return json.loads(value)
    return value
