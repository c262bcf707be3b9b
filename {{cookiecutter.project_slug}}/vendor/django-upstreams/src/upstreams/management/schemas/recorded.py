"""A schema that `startupstream --openapi` has recorded, and its operations. Needs neither settings nor pytest."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from upstreams.management.openapi.document import Document, mapping
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.openapi.operations import Operation as Described
from upstreams.management.openapi.operations import all_of
from upstreams.management.openapi.source import read
from upstreams.management.schemas import paths
from upstreams.management.schemas.bodies import Example, ResponseBodies
from upstreams.management.schemas.pointers import Pointer, located
from upstreams.management.schemas.record import schema_file
from upstreams.management.schemas.requests import RequestChecks
from upstreams.management.schemas.statuses import described_as, first_success, is_of_a_gateway
from upstreams.management.schemas.validation import Validation

__all__ = ["Example", "Operation", "RecordedSchema", "schema_file"]


class RecordedSchema:
    """An OpenAPI document, by which requests and responses are checked and examples are made.

    Args:
        document: as read.
        name: of its file, for messages.

    Raises:
        SchemaError: it is no OpenAPI 3.0 or 3.1.
    """

    def __init__(self, document: dict[str, Any], name: str = "schema.json") -> None:
        self.name = name
        self.document = Document(document)
        self.operations = [Operation(self, one) for one in all_of(self.document, set())]

    @staticmethod
    def load(path: Path) -> "RecordedSchema":
        """Return the schema in a file, which is read again when it has changed.

        Raises:
            SchemaError: it cannot be read, or is no OpenAPI 3.0 or 3.1.
        """
        try:
            changed = path.stat().st_mtime_ns
        except OSError as error:
            raise SchemaError(f"{path.name}: {error.strerror}") from None
        return _load(path, changed)

    def operation(self, method: str, path: str) -> "Operation | None":
        """Return the operation of a method and a path below the server, or None.

        Args:
            method: such as `GET`.
            path: with or without its first slash, escaped or not.
        """
        found = [
            one
            for one in self.operations
            if one.method == method.upper() and paths.parameters(one.path, path) is not None
        ]
        return min(found, key=lambda one: paths.order(one.path), default=None)

    @cached_property
    def responses(self) -> Validation:
        """What checks responses."""
        return Validation(self.document, self.name, "response")

    @cached_property
    def requests(self) -> Validation:
        """What checks requests."""
        return Validation(self.document, self.name, "request")


@lru_cache(64)
def _load(path: Path, changed: int) -> RecordedSchema:
    return RecordedSchema(read(str(path)), path.name)


@dataclass(frozen=True, eq=False)
class Operation:
    """An operation of a recorded schema."""

    schema: RecordedSchema
    described: Described

    @property
    def id(self) -> str:
        """Its `operationId`, or its method and path."""
        return self.described.id

    @property
    def method(self) -> str:
        """In upper case."""
        return self.described.method

    @property
    def path(self) -> str:
        """The path template, as the schema has it."""
        return self.described.path

    @property
    def statuses(self) -> list[str]:
        """Those that the schema names: `200`, `4XX`, `default`."""
        return list(map(str, mapping(self.described.spec.get("responses"))))

    @property
    def pointer(self) -> Pointer:
        """Where it is in the document."""
        item, pointer = self.schema.document.paths[self.path], ("paths", self.path)
        return (*located(self.schema.document, item, pointer)[1], self.method.lower())

    def example(self, status: int | None = None) -> Example:
        """Return a response that the schema allows, the same each time.

        Args:
            status: of the response; the first success if it is None.

        Raises:
            SchemaError: the schema names no such status, or no value can be made up.
        """
        key = first_success(self.statuses) if status is None else described_as(status, self.statuses)
        if key is None:
            names = ", ".join(self.statuses) or "none"
            what = "no success" if status is None else f"no status {status}"
            raise SchemaError(f"{self} has {what} in {self.schema.name}, but {names}")
        try:
            return self._bodies(key).example(status)
        except SchemaError as error:
            raise SchemaError(f"{self}: no example of {key} can be made up: {error}") from None

    def response_problem(self, status: int, headers: dict[str, str], body: bytes) -> str:
        """Return what the schema does not allow about a response, and where it says so; empty if it allows it.

        Raises:
            SchemaError: the schema cannot be used.
        """
        if is_of_a_gateway(status, self.statuses):
            return ""
        key = described_as(status, self.statuses)
        if key is None:
            named = ", ".join(self.statuses)
            return f"status {status} is not in the schema, which has {named} ({self.schema.name}, {self.id})"
        return self._bodies(key).problem(headers, body)

    def request_problem(
        self, path: str, query: str, headers: dict[str, str], body: bytes, *, has_headers: bool = True
    ) -> str:
        """Return what the schema does not allow about a request, and where it says so; empty if it allows it.

        Args:
            path: below the server.
            query: as it is sent.
            headers: lower-case names.
            body: as it is sent.
            has_headers: whether parameters in headers are checked.

        Raises:
            SchemaError: the schema cannot be used.
        """
        checks = RequestChecks(self.described, self.pointer, self.schema.document, self.schema.requests)
        return checks.problem(path, query, headers, body, has_headers=has_headers)

    def _bodies(self, status: str) -> ResponseBodies:
        pointer = (*self.pointer, "responses", status)
        value = mapping(self.described.spec.get("responses")).get(status)
        response, at = located(self.schema.document, value, pointer)
        return ResponseBodies(self.schema.document, self.schema.responses, response, at, status)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"
