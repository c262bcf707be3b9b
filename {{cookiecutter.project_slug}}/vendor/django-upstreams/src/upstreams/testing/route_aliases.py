"""The most used verbs of respx for a route of a mock, in terms of our own ones."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple, Self

from upstreams.core.httpx import Request, Response

FAILURES = {
    "ConnectError": "refused",
    "ConnectTimeout": "timeout",
    "PoolTimeout": "timeout",
    "ReadTimeout": "timeout",
    "WriteTimeout": "timeout",
    "RemoteProtocolError": "not_http",
    "ReadError": "reset_before_first_byte",
    "WriteError": "reset_before_first_byte",
    "TimeoutException": "timeout",
    "TransportError": "reset_before_first_byte",
}
"""Errors of the HTTP library, the more special ones first -> the failure of a mock that they are."""


class MockCall(NamedTuple):
    """One of the `calls` of a route."""

    request: Request


class Calls(list[MockCall]):
    """The requests of a route, as respx has them."""

    def __init__(self, requests: Iterable[Request]) -> None:
        super().__init__(map(MockCall, requests))

    @property
    def last(self) -> MockCall:
        """The last one."""
        return self[-1]

    @property
    def call_count(self) -> int:
        return len(self)


class RouteAliases:
    """Verbs of respx for a route, which has these itself."""

    requests: list[Request]
    json: Callable[..., Self]
    content: Callable[..., Self]
    fail: Callable[..., Self]
    call: Callable[..., Self]

    @property
    def calls(self) -> Calls:
        """Its requests, each as `calls[0].request`."""
        return Calls(self.requests)

    @property
    def called(self) -> bool:
        """Whether there was a request."""
        return bool(self.requests)

    @property
    def call_count(self) -> int:
        """The number of its requests."""
        return len(self.requests)

    def respond(
        self,
        status_code: int = 200,
        *,
        json: Any = None,
        text: str | None = None,
        html: str | None = None,
        content: bytes | str = b"",
        stream: Iterable[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
        schema: bool = True,
    ) -> Self:
        """Respond with the first of these that is given; `schema` as for `json`."""
        if json is not None:
            return self.json(json, status_code, headers, schema=schema)
        for body, kind in ((text, "plain"), (html, "html")):
            if body is not None:
                return self.content(
                    body,
                    status_code,
                    {"content-type": f"text/{kind}; charset=utf-8", **(headers or {})},
                    schema=schema,
                )
        return self.content(content if stream is None else stream, status_code, headers, schema=schema)

    def mock(
        self, return_value: Response | None = None, side_effect: Any = None, *, schema: bool = True
    ) -> Self:
        """Respond with a response of the HTTP library, or by a side effect.

        Args:
            return_value: the response.
            side_effect: a function of the request, an error of the HTTP library, or several of these and of responses.
            schema: as for `json`.
        """
        every = side_effect if isinstance(side_effect, (list, tuple)) else [side_effect or return_value]
        for one in every:
            kind = one if isinstance(one, type) else type(one)
            if issubclass(kind, Exception):
                self.fail(_failure(kind))
            elif callable(one):
                self.call(one, schema=schema)
            elif hasattr(one, "status_code"):
                self.call(_returning(one), schema=schema)
            else:
                raise TypeError(f"mock() takes responses, errors and functions, not {one!r}")
        return self

    def assert_called(self) -> None:
        """Raise an AssertionError if there was no request."""
        if not self.requests:
            raise AssertionError("the route was not called")

    def assert_called_once(self) -> None:
        """Raise an AssertionError unless there was one request."""
        if len(self.requests) != 1:
            raise AssertionError(f"the route was called {len(self.requests)} times")

    def assert_not_called(self) -> None:
        """Raise an AssertionError if there was a request."""
        if self.requests:
            raise AssertionError(f"the route was called {len(self.requests)} times")


def _failure(kind: type[Exception]) -> str:
    names = [one.__name__ for one in kind.__mro__]
    found = next((how for name, how in FAILURES.items() if name in names), None)
    if found is None:
        raise TypeError(
            f"a mock fails by an error of the HTTP library, such as ConnectError, not {kind.__name__}"
        )
    return found


def _returning(response: Any) -> Callable[[Request], Response]:
    return lambda _: response
