"""Holds the responses of one route of a mock to the recorded schema, and the requests to it."""

from collections.abc import Mapping
from typing import Any, Protocol

from upstreams.core.httpx import Request, Response
from upstreams.management.schemas.recorded import Example
from upstreams.testing.mock_schemas import MockSchema


class Mock(Protocol):
    """The mock of an upstream."""

    uses_schema: bool
    schema: MockSchema


class RouteSchema:
    """What the schema of a mock says of one route.

    Args:
        mock: that the route is of.
        method: of the route.
        path: of the route.

    Attributes:
        is_used: False if a response of the route has `schema=False`.
    """

    def __init__(self, mock: Mock, method: str, path: str) -> None:
        self._mock = mock
        self._method = method
        self._path = path
        self.is_used = True

    def check(self, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Raise an AssertionError if the schema does not allow a response.

        Where the upstream is not imported yet, this is found when the response is sent.
        """
        __tracebackhide__ = True
        if self._has_any or not self._is_on:
            return
        problem = self._mock.schema.response_problem(self._method, self._path, status, headers, body)
        if problem:
            raise AssertionError(problem)

    def example(self, fields: Mapping[str, Any] | None, status: int | None) -> Example:
        """Return a response that the schema allows, see `MockSchema.example`."""
        return self._mock.schema.example(self._method, self._path, fields, status)

    def request_problem(self, request: Request, path: str) -> str:
        """Return why the schema does not allow a request; empty if it does."""
        return self._mock.schema.request_problem(request, path) if self._is_on else ""

    def response_problem(self, path: str, request: Request, response: Response, body: bytes) -> str:
        """Return why the schema does not allow a response; empty if it does."""
        if not self._is_on:
            return ""
        return self._mock.schema.response_problem(
            request.method, path, response.status_code, response.headers, body
        )

    @property
    def _is_on(self) -> bool:
        return self.is_used and self._mock.uses_schema

    @property
    def _has_any(self) -> bool:
        """Whether the method or the path is any."""
        return "*" in (self._method, self._path)
