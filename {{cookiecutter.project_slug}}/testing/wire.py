"""A wire that answers as a test says. Everything above it, every policy included, is real."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from copy import copy
from typing import Any, Literal

from services.core.definitions import Definition
from services.core.errors import BrokenAnswer, Call, UpstreamUnreachable
from services.core.http import Request, Response, Transport, httpx

Failure = Literal[
    "refused", "reset_before_first_byte", "reset_on_reused_connection", "reset_in_body", "not_http", "hang"
]
POINTS: dict[str, UpstreamUnreachable.Point] = {
    "refused": "connect",
    "reset_before_first_byte": "fresh",
    "reset_on_reused_connection": "reused",
}
Answer = Callable[[Request], Awaitable[Response]]


class Chunks(httpx.AsyncByteStream):
    """A body on its way, which may be cut."""

    def __init__(self, chunks: list[bytes], call: Call, *, cut: bool = False) -> None:
        self._chunks = chunks
        self._call = call
        self._cut = cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
        if self._cut:
            raise UpstreamUnreachable("scripted: reset_in_body", call=self._call, point="body")


class Route:
    """The answers to one method and path: given in order, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.wait: Callable[[Request], Awaitable[object]] | None = None

    def after(self, wait: Callable[[Request], Awaitable[object]]) -> "Route":
        """Call and await a function before each answer."""
        self.wait = wait
        return self

    def json(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> "Route":
        """Answer with JSON."""
        return self.content(json.dumps(data), status, {"content-type": "application/json", **(headers or {})})

    def content(
        self, body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> "Route":
        """Answer with these bytes."""

        async def answer(request: Request) -> Response:
            content = body.encode() if isinstance(body, str) else body
            return Response(status, headers=headers, stream=Chunks([content], Call.of(request)))

        self.answers.append(answer)
        return self

    def fail(self, how: Failure) -> "Route":
        """Fail at an exact point of the exchange; `hang` never answers."""

        async def answer(request: Request) -> Response:
            call = Call.of(request)
            if how == "hang":
                await asyncio.get_running_loop().create_future()
            if how == "not_http":
                raise BrokenAnswer("the answer is not HTTP", call=call)
            if how == "reset_in_body":
                return Response(200, stream=Chunks([b'{"'], call, cut=True))
            raise UpstreamUnreachable(f"scripted: {how}", call=call, point=POINTS[how])

        self.answers.append(answer)
        return self


class FakeWire(Transport):
    """What one upstream answers in this test.

    Attributes:
        requests: what was sent, in order.
        events: `opened` and `closed`, as they happened.
        hangs_while_closing: what it says.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.requests: list[Request] = []
        self.events: list[str] = []
        self.hangs_while_closing = False
        self.unexpected: list[str] = []
        self._routes: dict[tuple[str, str], Route] = {}

    def opened(self, definition: Definition) -> "FakeWire":
        """Called when the service opens its clients."""
        self._base = definition.base_url
        self.events.append("opened")
        return self

    async def aclose(self) -> None:
        if self.hangs_while_closing:
            await asyncio.get_running_loop().create_future()
        self.events.append("closed")

    def on(self, method: str, path: str) -> Route:
        """The answers to a method and a path below `BASE_URL`, or a URL beyond it."""
        return self._routes.setdefault((method, path), Route())

    def get(self, path: str) -> Route:
        """The answers to GET."""
        return self.on("GET", path)

    def post(self, path: str) -> Route:
        """The answers to POST."""
        return self.on("POST", path)

    async def handle_async_request(self, request: Request) -> Response:
        if isinstance(request.stream, httpx.ByteStream):
            request.read()  # so that the copy has its `content`
        sent = copy(request)
        sent.headers = request.headers.copy()  # a policy may send the same request with other headers
        self.requests.append(sent)
        Call.of(request).attempts += 1
        url = str(request.url).partition("?")[0].removesuffix("/")
        path = "" if url == self._base else url.removeprefix(f"{self._base}/")
        route = self._routes.get((request.method, path))
        if route is None or not route.answers:
            self.unexpected.append(f"{self.alias}: {request.method} {path}")
            raise AssertionError(
                f'no answer for {request.method} {path}: wire("{self.alias}").on(…) gives one'
            )
        answer = route.answers.pop(0) if len(route.answers) > 1 else route.answers[0]
        if route.wait is not None:
            await route.wait(request)
        return await answer(request)
