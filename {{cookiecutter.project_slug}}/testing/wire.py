"""A wire that answers as a test says. Everything above it, every policy included, is real."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Literal

from services.core.definitions import Definition
from services.core.errors import BrokenAnswer, Call, UpstreamUnreachable
from services.core.http import Request, Response, Transport

Failure = Literal[
    "refused", "reset_before_first_byte", "reset_on_reused_connection", "reset_in_body", "not_http", "hang"
]
POINTS: dict[str, UpstreamUnreachable.Point] = {
    "refused": "connect",
    "reset_before_first_byte": "fresh",
    "reset_on_reused_connection": "reused",
    "reset_in_body": "body",
}
Answer = Callable[[Request], Awaitable[Response]]


class Route:
    """The answers to one method and path: given in order, the last one again and again."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []

    def json(self, data: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> "Route":
        """Answer with JSON."""
        return self.content(json.dumps(data), status, {"content-type": "application/json", **(headers or {})})

    def content(
        self, body: bytes | str, status: int = 200, headers: Mapping[str, str] | None = None
    ) -> "Route":
        """Answer with these bytes."""

        async def answer(_: Request) -> Response:
            return Response(status, headers=headers, content=body)

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
            raise UpstreamUnreachable(f"scripted: {how}", call=call, point=POINTS[how])

        self.answers.append(answer)
        return self


class FakeWire(Transport):
    """What one upstream answers in this test.

    Attributes:
        requests: what was sent, in order.
        events: `opened` and `closed`, as they happened.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.requests: list[Request] = []
        self.events: list[str] = []
        self.unexpected: list[str] = []
        self._base = ""
        self._routes: dict[tuple[str, str], Route] = {}

    def opened(self, definition: Definition) -> "FakeWire":
        """Called when the service opens its clients."""
        self._base = definition.base_url
        self.events.append("opened")
        return self

    async def aclose(self) -> None:
        self.events.append("closed")

    def on(self, method: str, path: str) -> Route:
        """The answers to a method and a path below `BASE_URL`."""
        return self._routes.setdefault((method, path.strip("/")), Route())

    def get(self, path: str) -> Route:
        """The answers to GET."""
        return self.on("GET", path)

    def post(self, path: str) -> Route:
        """The answers to POST."""
        return self.on("POST", path)

    async def handle_async_request(self, request: Request) -> Response:
        self.requests.append(request)
        Call.of(request).attempts += 1
        path = str(request.url).partition("?")[0].removeprefix(self._base).strip("/")
        route = self._routes.get((request.method, path))
        if route is None or not route.answers:
            self.unexpected.append(f"{self.alias}: {request.method} {path}")
            raise AssertionError(
                f'no answer for {request.method} {path}: wire("{self.alias}").on(…) gives one'
            )
        answer = route.answers.pop(0) if len(route.answers) > 1 else route.answers[0]
        return await answer(request)
