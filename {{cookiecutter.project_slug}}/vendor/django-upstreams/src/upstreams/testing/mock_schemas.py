"""Holds the requests and the responses of a mock to the schema that `startupstream --openapi` has recorded."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from upstreams.clients import registry
from upstreams.clients.upstream import Upstream
from upstreams.core.httpx import Request, httpx
from upstreams.core.keys import suggestion
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.schemas.recorded import Example, Operation, RecordedSchema, schema_file

HINT = "; if that is meant, add schema=False"


class MockSchema:
    """The recorded schema of one upstream, if there is one.

    Args:
        alias: of the upstream.
    """

    def __init__(self, alias: str) -> None:
        self._alias = alias
        self._cls: type | None = None
        self._file: Path | None = None

    def response_problem(
        self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes
    ) -> str:
        """Return why the schema does not allow a response; empty if it does, or if there is none.

        Args:
            method: of the request.
            path: below `BASE_URL`; the schema says nothing of other URLs.
            status: of the response.
            headers: of the response.
            body: not encoded.
        """
        if "://" in path or (schema := self._schema()) is None:
            return ""
        if any(name.lower() == "content-encoding" for name in headers):
            return ""
        operation = schema.operation(method, path)
        if operation is None:
            return f"{self._unknown(schema, method, path)}{HINT}"
        problem = self._problem(operation.response_problem, status, dict(headers), body)
        what = f"the response {status} to {method} {path} does not fit the schema"
        return f"{self._alias}: {what}: {problem}{HINT}" if problem else ""

    def request_problem(self, request: Request, path: str) -> str:
        """Return why the schema does not allow a request; empty if it does, or if there is none.

        Args:
            request: as it is sent.
            path: below `BASE_URL`.
        """
        # The query of a link is the upstream's own.
        is_link = "is_link" in request.extensions
        if is_link or "://" in path or (schema := self._schema()) is None:
            return ""
        operation = schema.operation(request.method, path)
        if operation is None:
            return self._unknown(schema, request.method, path)
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not isinstance(request.stream, httpx.ByteStream):  # a body that comes in pieces
            return ""
        query = request.url.query.decode("ascii")
        problem = self._problem(operation.request_problem, path, query, headers, request.content)
        what = f"the request {request.method} {path} does not fit the schema"
        return f"{self._alias}: {what}: {problem}{HINT}" if problem else ""

    def example(
        self, method: str, path: str, fields: Mapping[str, Any] | None, status: int | None
    ) -> Example:
        """Return a response that the schema allows.

        Args:
            method: of the request.
            path: below `BASE_URL`.
            fields: of its JSON that are not made up.
            status: of the response; the first success if it is None.

        Raises:
            AssertionError: there is no schema, or none can be made up.
        """
        schema = self._schema()
        if schema is None:
            raise AssertionError(
                f"{self._alias} has no {self._alias}_openapi.json beside the module of its class: write it by "
                f"manage.py startupstream {self._alias} --openapi, or import that module in this test"
            )
        operation = schema.operation(method, path)
        if operation is None:
            raise AssertionError(self._unknown(schema, method, path))
        found = self._made(operation, status)
        if not fields:
            return found
        value = json.loads(found.body) if found.body else {}
        is_object = isinstance(value, dict)
        if not is_object:
            raise AssertionError(
                f"{self._alias}: the example of {method} {path} is no object that could have fields"
            )
        return Example(found.status, found.headers, json.dumps({**value, **fields}).encode())

    def _made(self, operation: Operation, status: int | None) -> Example:
        try:
            return operation.example(status)
        except SchemaError as error:
            raise AssertionError(f"{self._alias}: {error}") from None

    def _problem(self, check: Any, *arguments: Any) -> str:
        try:
            found: str = check(*arguments)
        except SchemaError as error:
            raise AssertionError(f"{self._alias}: {error}") from None
        return found

    def _schema(self) -> RecordedSchema | None:
        # A test may import the module of the upstream after it has made the mock.
        if (cls := type(registry.upstreams.get(self._alias))) is not self._cls:
            self._cls, self._file = cls, _file(cls, self._alias)
        if self._file is None:
            return None
        try:
            return RecordedSchema.load(self._file)
        except SchemaError as error:
            raise AssertionError(f"{self._alias}: {self._file.name}: {error}") from None

    def _unknown(self, schema: RecordedSchema, method: str, path: str) -> str:
        known = {str(one): None for one in schema.operations}
        found = f"{method} /{path.removeprefix('/')}"
        return f"{self._alias}: {found} is not in {schema.name}; {suggestion(found, known)}"


def _file(cls: type, alias: str) -> Path | None:
    """Return the recorded schema beside the module of an upstream's class, or of one that it inherits from."""
    for one in cls.__mro__:
        if one is Upstream:
            break
        name = getattr(sys.modules.get(one.__module__), "__file__", None)
        if name and (path := schema_file(Path(name).parent, alias)).exists():
            return path
    return None
