"""A transport that responds as a test says. Everything above it, including all policies, is real."""

import asyncio
from collections.abc import Mapping
from copy import copy
from functools import lru_cache
from typing import Any
from urllib.parse import quote, unquote

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.httpx import Request, Response, Transport, httpx
from upstreams.testing import complaints
from upstreams.testing.mock_aliases import MockAliases
from upstreams.testing.mock_conditions import ANY, conditions
from upstreams.testing.mock_routes import Chunks, Route
from upstreams.testing.mock_schemas import MockSchema
from upstreams.testing.route_schemas import RouteSchema

EVERY = "*"
"""Any method, or any path."""


class UpstreamMock(MockAliases, Transport):
    """Responds for one upstream in a test.

    Attributes:
        requests: the requests that were sent, in order.
        events: `opened` and `closed`, in order.
        hangs_while_closing: makes `aclose` hang.
        is_asked_for: whether the test has asked for this mock by its alias.
        uses_schema: whether requests and responses have to fit the recorded schema, if there is one.
    """

    checks_addresses = True  # it connects to none
    uses_schema = True

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self.requests: list[Request] = []
        self.events: list[str] = []
        self.hangs_while_closing = False
        self.is_asked_for = False
        self.schema = MockSchema(alias)
        self._routes: dict[tuple[str, str], list[Route]] = {}
        self._has_urls = False

    def on(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = ANY,
        content: bytes | str | None = None,
    ) -> Route:
        """Return the route of a method and a path. Of several, that with the most conditions is used.

        Args:
            method: `*` is any.
            path: below `BASE_URL`, escaped or not, or a URL; `*` is any. A query is a condition as `params` is.
            params: query parameters that the request has, among others.
            headers: that it has, among others.
            json: its body, compared by its values.
            content: its body, as it is sent.
        """
        path, _, query = path.partition("?")
        self._has_urls = self._has_urls or "://" in path
        wanted = conditions(query, params, headers, json, content)
        key = (method, EVERY if path == EVERY else _escaped(path))
        for route in self._routes.setdefault(key, []):
            if route.conditions == wanted:
                return route
        self._routes[key].append(Route(f"{method} {path}".rstrip(), wanted, RouteSchema(self, method, path)))
        return self._routes[key][-1]

    def get(self, path: str, **conditions: Any) -> Route:
        """Return the route of GET and a path; conditions as for `on`."""
        return self.on("GET", path, **conditions)

    def post(self, path: str, **conditions: Any) -> Route:
        """Return the route of POST and a path; conditions as for `on`."""
        return self.on("POST", path, **conditions)

    def put(self, path: str, **conditions: Any) -> Route:
        """Return the route of PUT and a path; conditions as for `on`."""
        return self.on("PUT", path, **conditions)

    def patch(self, path: str, **conditions: Any) -> Route:
        """Return the route of PATCH and a path; conditions as for `on`."""
        return self.on("PATCH", path, **conditions)

    def delete(self, path: str, **conditions: Any) -> Route:
        """Return the route of DELETE and a path; conditions as for `on`."""
        return self.on("DELETE", path, **conditions)

    def assert_all_called(self) -> None:
        """Raise an AssertionError that names the routes without a request, if there are such."""
        unused = [str(route) for route in self._known() if not route.requests]
        if unused:
            raise AssertionError(f"{self.alias} was not called by {', '.join(unused)}")

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
        paths = [_escaped(path), EVERY]
        if self._has_urls:
            paths.insert(0, _escaped(str(request.url).partition("?")[0]))
        route = self._route(request, paths)
        if route is None:
            routes = [str(one) for one in self._known() if one.responses]
            raise complaints.add(
                complaints.unmocked(self.alias, request.method, path, routes if self.is_asked_for else None)
            )
        route.requests.append(sent)
        if problem := route.schema.request_problem(request, path):
            raise complaints.add(problem)
        respond = route.next()
        if route.wait is not None:
            await route.wait(request)
        response = await respond(request)
        body = _whole(response)
        if body is not None and (problem := route.schema.response_problem(path, request, response, body)):
            raise complaints.add(problem)
        return response

    def _route(self, request: Request, paths: list[str]) -> Route | None:
        """Return the route of a request; one for the URL of a tenant comes before that for all of them."""
        for path in paths:
            found = [
                route
                for method in (request.method, EVERY)
                for route in self._routes.get((method, path), ())
                if route.responses and route.conditions.hold(request)
            ]
            if found:
                return max(found, key=lambda route: route.conditions.count)
        return None

    def _known(self) -> list[Route]:
        return [route for routes in self._routes.values() for route in routes]


def _whole(response: Response) -> bytes | None:
    """Return the body of a response, or None if it comes in pieces or is cut off."""
    if isinstance(response.stream, Chunks):
        return response.stream.whole
    return b"".join(response.stream) if isinstance(response.stream, httpx.ByteStream) else None


@lru_cache(1000)
def _escaped(path: str) -> str:
    """Return a path escaped in one way; `%2F` stays a part of its segment."""
    return "/".join(quote(unquote(segment), safe="") for segment in path.split("/"))
