"""Whether a schema allows a request: its path, its query, its headers and its body."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from upstreams.management.openapi.document import Document, items, text
from upstreams.management.openapi.operations import Operation
from upstreams.management.schemas import paths
from upstreams.management.schemas.content import body_problem
from upstreams.management.schemas.parameters import UNKNOWN, is_spread, unknown_name, value_of
from upstreams.management.schemas.pointers import Pointer, located
from upstreams.management.schemas.validation import Validation

OF_THE_CLIENT = {"accept", "authorization", "content-type"}
"""Headers that OpenAPI describes elsewhere."""


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

    def problem(
        self, path: str, query: str, headers: dict[str, str], body: bytes, *, has_headers: bool = True
    ) -> str:
        """Return why the schema does not allow a request; empty if it does.

        Args:
            path: below the server.
            query: as it is sent.
            headers: lower-case names.
            body: not encoded.
            has_headers: whether parameters in headers are checked.
        """
        given: dict[str, dict[str, list[str]]] = {
            "path": {
                name: [value] for name, value in (paths.parameters(self.operation.path, path) or {}).items()
            },
            "query": parse_qs(query, keep_blank_values=True),
        }
        if has_headers:
            given["header"] = {name: [value] for name, value in headers.items()}
        parameters = self._parameters()
        for parameter, at in parameters:
            place, name = text(parameter.get("in")), text(parameter.get("name"))
            if place not in given or (place == "header" and name.lower() in OF_THE_CLIENT):
                continue
            found = given[place].get(name.lower() if place == "header" else name)
            if problem := self._parameter_problem(parameter, at, place, name, found):
                return problem
        queries = [one for one, _ in parameters if one.get("in") == "query"]
        fixed = parse_qs(self.operation.path.partition("?")[2], keep_blank_values=True)
        own = {name: found for name, found in given["query"].items() if name not in fixed}
        if problem := unknown_name(own, queries, self.document):
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
            is_needed = is_needed and not is_spread(parameter, self.document)
            return f"the {place} has no {name}, which is required" if is_needed else ""
        if "schema" not in parameter:
            return ""
        value = value_of(parameter, values, self.document)
        if value is UNKNOWN:
            return ""
        problem = self.validation.problem(value, (*at, "schema"))
        return f"the {place} has {name}{_shown(problem)}" if problem else ""

    def _body_problem(self, headers: dict[str, str], body: bytes) -> str:
        value = self.operation.spec.get("requestBody")
        if value is None:
            return ""
        described, at = located(self.document, value, (*self.pointer, "requestBody"))
        if not body:
            return "it has no body, which is required" if described.get("required") is True else ""
        return body_problem(self.validation, described, at, headers, body)


def _shown(problem: str) -> str:
    """Return a problem behind the name of the parameter, in place of its `$`."""
    return f"={problem.removeprefix('$: ')}" if problem.startswith("$: ") else problem.removeprefix("$")
