"""What a mock responds to one kind of request."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Literal

from upstreams.core.call import Call
from upstreams.core.errors import UpstreamConnectionError, UpstreamProtocolError, UpstreamTimeout
from upstreams.core.httpx import Request, Response, httpx
from upstreams.testing.mock_conditions import Conditions
from upstreams.testing.route_aliases import RouteAliases
from upstreams.testing.route_schemas import RouteSchema

Failure = Literal[
    "refused",
    "reset_before_first_byte",
    "reset_on_reused_connection",
    "reset_in_body",
    "not_http",
    "timeout",
    "hang",
]
LOST: dict[str, tuple[UpstreamConnectionError.Phase, bool]] = {
    "refused": ("connect", False),
    "reset_before_first_byte": ("send", False),
    "reset_on_reused_connection": ("send", True),
}
"""Failure -> the phase in which it happens, and whether the connection was reused."""
Handler = Callable[[Request], Awaitable[Response]]
Body = bytes | str | Iterable[bytes]


class Chunks(httpx.AsyncByteStream):
    """A response body, which may be cut off."""

    def __init__(self, chunks: list[bytes], call: Call, *, cut: bool = False) -> None:
        self._chunks = chunks
        self._call = call
        self._cut = cut

    @property
    def whole(self) -> bytes | None:
        """All of it, or None if it is cut off."""
        return None if self._cut else b"".join(self._chunks)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._cut:
            raise UpstreamConnectionError("scripted: reset_in_body", call=self._call, phase="receive")


class Route(RouteAliases):
    """The responses to one kind of request. They are sent in order; the last one is repeated.

    Args:
        name: its method and its path, as the test has them.
        conditions: that a request meets, beside its method and its path.
        schema: that the requests and the responses have to fit.

    Attributes:
        requests: those that it has responded to, in order.
    """

    def __init__(self, name: str, conditions: Conditions, schema: RouteSchema) -> None:
        self._name = name
        self.conditions = conditions
        self.schema = schema
        self.requests: list[Request] = []
        self.responses: list[Handler] = []
        self.wait: Callable[[Request], Awaitable[object]] | None = None

    def __str__(self) -> str:
        return f"{self._name}{self.conditions}"

    def after(self, wait: Callable[[Request], Awaitable[object]]) -> "Route":
        """Await a function of the request before each response."""
        self.wait = wait
        return self

    def json(
        self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None, *, schema: bool = True
    ) -> "Route":
        """Respond with JSON; `schema=False` if this route need not fit the recorded schema."""
        headers = {"content-type": "application/json", **(headers or {})}
        return self.content(json.dumps(data), status, headers, schema=schema)

    def example(
        self, fields: Mapping[str, Any] | None = None, status: int | None = None, *, schema: bool = True
    ) -> "Route":
        """Respond as the recorded schema of the upstream has it: by its example, or by a value that fits.

        Args:
            fields: of the JSON, in place of those of the example.
            status: of the response; the first success of the operation if it is None.
            schema: as for `json`.

        Raises:
            AssertionError: there is no schema, it has no such response, or the fields do not fit it.
        """
        found = self.schema.example(fields, status)
        return self.content(found.body, found.status, found.headers, schema=schema)

    def content(
        self, body: Body, status: int = 200, headers: Mapping[str, str] | None = None, *, schema: bool = True
    ) -> "Route":
        """Respond with text or bytes, or with a stream of chunks of bytes; `schema` as for `json`."""
        chunks = (
            [body.encode()] if isinstance(body, str) else [body] if isinstance(body, bytes) else list(body)
        )

        self.schema.is_used = self.schema.is_used and schema
        self.schema.check(status, headers or {}, b"".join(chunks))

        async def respond(request: Request) -> Response:
            return Response(status, headers=headers, stream=Chunks(chunks, Call.of(request)))

        self.responses.append(respond)
        return self

    def fail(self, how: Failure) -> "Route":
        """Fail at an exact point of the exchange; `hang` never responds, `timeout` seems to have done so."""

        async def respond(request: Request) -> Response:
            call = Call.of(request)
            if how == "hang":
                await asyncio.get_running_loop().create_future()
            if how == "timeout":
                raise UpstreamTimeout("scripted: timeout", call=call)
            if how == "not_http":
                raise UpstreamProtocolError("the response is refused: it is not HTTP/1.1", call=call)
            if how == "reset_in_body":
                return Response(200, stream=Chunks([b'{"'], call, cut=True))
            phase, reused = LOST[how]
            raise UpstreamConnectionError(f"scripted: {how}", call=call, phase=phase, reused=reused)

        self.responses.append(respond)
        return self

    def call(self, function: Callable[[Request], Any], *, schema: bool = True) -> "Route":
        """Respond with what a function returns for the request, a response of the HTTP library; it may be async.

        Args:
            function: of the request.
            schema: as for `json`.
        """
        self.schema.is_used = self.schema.is_used and schema

        async def respond(request: Request) -> Response:
            found = function(request)
            if isinstance(found, Awaitable):
                found = await found
            stream = found.stream
            if not isinstance(stream, httpx.AsyncByteStream):  # of the other library, or sync
                stream = Chunks([found.read()], Call.of(request))
            return Response(found.status_code, headers=found.headers.multi_items(), stream=stream)

        self.responses.append(respond)
        return self

    def next(self) -> Handler:
        """Return what responds to the next request."""
        return self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
