"""Responses of a mock from the recorded schema of its upstream."""

import itertools
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from upstreams.management.mocks.reply import Asked, Reply, problem
from upstreams.management.openapi.document import mapping
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.schemas.recorded import Operation, RecordedSchema
from upstreams.management.schemas.statuses import first_success

logger = logging.getLogger(__name__)
JSON = "json"


class Examples:
    """Responds with the examples that a schema names for a response, in turn, or with one that is made up.

    Args:
        alias: the upstream.
        file: its schema. One that cannot be read is logged, and has no responses.
        root: of the project, for names in the log.
    """

    def __init__(self, alias: str, file: Path, root: Path) -> None:
        self._alias = alias
        self._name = str(file.relative_to(root))
        self._turns: dict[str, Iterator[Any]] = {}
        self._schema: RecordedSchema | None = None
        try:
            self._schema = RecordedSchema.load(file)
        except SchemaError as error:
            logger.warning("%s: %s: %s", alias, self._name, error)

    def paths(self) -> list[str]:
        """Return what it has, such as `GET /items/{item}`."""
        return list(map(str, self._schema.operations)) if self._schema else []

    def reply(self, asked: Asked) -> Reply | None:
        """Return the response to a request, or None if the schema has no such operation."""
        operation = self._schema and self._schema.operation(asked.method, asked.path)
        if not operation:
            return None
        self._check(operation, asked)
        try:
            turns = self._turns.get(operation.id)
            if turns is None:
                turns = self._turns[operation.id] = itertools.cycle(_examples(operation))
            status, kind, body = next(turns)
        except SchemaError as error:
            return problem(501, str(error))
        return Reply(
            status, [("content-type", kind)] if kind else [], [body] if body else [], f"from {self._name}"
        )

    def _check(self, operation: Operation, asked: Asked) -> None:
        """Log what the schema does not allow about a request, which gets its response all the same."""
        try:
            # Of headers, those with credentials are not sent to a mock.
            found = operation.request_problem(
                asked.path, asked.query, dict(asked.headers), asked.body, has_headers=False
            )
        except SchemaError:  # it needs an extra that examples do not need
            return
        if found:
            logger.warning("%s: %s does not fit the schema: %s", self._alias, asked, found)


def _examples(operation: Operation) -> list[tuple[int, str, bytes]]:
    """Return the status, the type and the body of each response that the schema has as an example."""
    if found := _named(operation):
        return found
    made = operation.example()
    return [(made.status, made.headers.get("content-type", ""), made.body)]


def _named(operation: Operation) -> list[tuple[int, str, bytes]]:
    document = operation.schema.document
    key = first_success(operation.statuses)
    if key is None or not key.isdecimal():
        return []
    response = document.resolved(mapping(operation.described.spec.get("responses")).get(key))
    for kind, value in mapping(response.get("content")).items():
        media = document.resolved(value)
        examples = [media["example"]] if "example" in media else []
        named = map(document.resolved, mapping(media.get("examples")).values())
        examples += [one["value"] for one in named if "value" in one]
        if examples:
            return [(int(key), kind, _body(kind, one)) for one in examples]
    return []


def _body(kind: str, value: Any) -> bytes:
    subtype = kind.partition(";")[0].strip().rpartition("/")[2]
    is_text = isinstance(value, str) and not (subtype == JSON or subtype.endswith(f"+{JSON}"))
    return value.encode() if is_text else json.dumps(value, ensure_ascii=False).encode()
