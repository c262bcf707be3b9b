"""A transport that responds as a test says. Everything above it, including all policies, is real."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from copy import copy
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote, unquote

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamConnectionError, UpstreamProtocolError
from upstreams.core.httpx import Request, Response, Transport, httpx
from upstreams.testing import complaints

Failure = Literal[
    "refused", "reset_before_first_byte", "reset_on_reused_connection", "reset_in_body", "not_http", "hang"
]
LOST: dict[str, tuple[UpstreamConnectionError.Phase, bool]] = {
    "refused": ("connect", False),
    "reset_before_first_byte": ("send", False),
    "reset_on_reused_connection": ("send", True),
}
"""Failure -> the phase in which it happens, and whether the connection was reused."""
Handler = Callable[[Request], Awaitable[Response]]


class Chunks(httpx.AsyncByteStream):
    """A response body, which may be cut off."""

    def __init__(self, chunks: list[bytes], call: Call, *, cut: bool = False) -> None:
        self._chunks = chunks
        self._call = call
        self._cut = cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._cut:
            raise UpstreamConnectionError("scripted: reset_in_body", call=self._call, phase="receive")


class Route:
    """The responses to one method and path. They are sent in order; the last one is repeated."""

    def __init__(self) -> None:
        self.responses: list[Handler] = []
        self.wait: Callable[[Request], Awaitable[object]] | None = None

    def after(self, wait: Callable[[Request], Awaitable[object]]) -> "Route":
        """Await a function of the request before each response."""
        self.wait = wait
        return self

    def json(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> "Route":
        """Respond with JSON."""
        return self.content(json.dumps(data), status, {"content-type": "application/json", **(headers or {})})

    def content(
        self, body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> "Route":
        """Respond with these bytes."""

        async def respond(request: Request) -> Response:
            content = body.encode() if isinstance(body, str) else body
            return Response(status, headers=headers, stream=Chunks([content], Call.of(request)))

        self.responses.append(respond)
        return self

    def fail(self, how: Failure) -> "Route":
        """Fail at an exact point of the exchange; `hang` never responds."""

        async def respond(request: Request) -> Response:
            call = Call.of(request)
            if how == "hang":
                await asyncio.get_running_loop().create_future()
            if how == "not_http":
                raise UpstreamProtocolError("the response is refused: it is not HTTP/1.1", call=call)
            if how == "reset_in_body":
                return Response(200, stream=Chunks([b'{"'], call, cut=True))
            phase, reused = LOST[how]
            raise UpstreamConnectionError(f"scripted: {how}", call=call, phase=phase, reused=reused)

        self.responses.append(respond)
        return self


class UpstreamMock(Transport):
    """Responds for one upstream in a test.

    Attributes:
        requests: the requests that were sent, in order.
        events: `opened` and `closed`, in order.
        hangs_while_closing: makes `aclose` hang.
        is_asked_for: whether the test has asked for this mock by its alias.
    """

    checks_addresses = True  # it connects to none

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.requests: list[Request] = []
        self.events: list[str] = []
        self.hangs_while_closing = False
        self.is_asked_for = False
        self._routes: dict[tuple[str, str], Route] = {}

    def on(self, method: str, path: str) -> Route:
        """Return the route of a method and a path below `BASE_URL`, or of a URL outside of it; escaped or not."""
        return self._routes.setdefault((method, _escaped(path)), Route())

    def get(self, path: str) -> Route:
        """Return the route of GET and a path."""
        return self.on("GET", path)

    def post(self, path: str) -> Route:
        """Return the route of POST and a path."""
        return self.on("POST", path)

    def opened(self, definition: Definition) -> "UpstreamMock":
        """Serve as the transport of a client; called when the client is made."""
        self._base = definition.base_url
        self.events.append("opened")
        return self

    async def aclose(self) -> None:
        if self.hangs_while_closing:
            await asyncio.get_running_loop().create_future()
        self.events.append("closed")

    async def handle_async_request(self, request: Request) -> Response:
        if isinstance(request.stream, httpx.ByteStream):
            request.read()  # so that the copy has its `content`
        sent = copy(request)
        sent.headers = request.headers.copy()  # a policy may send the same request with other headers
        self.requests.append(sent)
        call = Call.of(request)
        call.attempts += 1
        path = complaints.path_below(self._base, request, call)
        route = self._routes.get((request.method, _escaped(path)))
        if call.tenant is not None:  # one of its own comes first
            url = str(request.url).partition("?")[0]
            route = self._routes.get((request.method, _escaped(url)), route)
        if route is None or not route.responses:
            routes = (
                [key for key, one in self._routes.items() if one.responses] if self.is_asked_for else None
            )
            raise complaints.add(complaints.unmocked(self.alias, request.method, path, routes))
        respond = route.responses.pop(0) if len(route.responses) > 1 else route.responses[0]
        if route.wait is not None:
            await route.wait(request)
        return await respond(request)


@lru_cache(1000)
def _escaped(path: str) -> str:
    """Return a path escaped in one way; `%2F` stays a part of its segment."""
    return "/".join(quote(unquote(segment), safe="") for segment in path.split("/"))
