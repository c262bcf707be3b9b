"""The base class of every upstream: builds a request, parses the answer."""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError
from typing_extensions import TypeVar

from services.core import connections, context
from services.core.definitions import configured
from services.core.errors import BrokenAnswer, Call, RefusedAnswer
from services.core.http import Request, Response
from services.core.outbound import header_values, url

T = TypeVar("T", default=Response)
Part = str | int | UUID
Scalar = str | int | float | bool | None


class Upstream:
    """Another service, bound to its alias in `settings.UPSTREAMS`. Holds no connection.

    Every method is a request and takes, besides what its signature says:

    Args:
        path: a path template below `BASE_URL`, such as `authors/{author}`.
        into: what to parse the JSON answer into; without it the answer is returned as it is.
        params: the query.
        headers: added to those of `HEADERS`.
        parts: the named parts of the path template; each is percent-encoded.

    Raises:
        UpstreamError: one of `services.core.errors`.
        ValueError: the path template is incomplete, or not a plain relative path.
    """

    def __init__(self, alias: str) -> None:
        self.alias = alias
        connections.upstreams[alias] = self

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.alias!r})"

    async def on_open(self) -> None:
        """Start-up work: warm up, fetch a token. Bounded by `OPENING`; a failure stops the boot."""

    async def get(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("GET", path, into=into, **more)

    async def delete(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("DELETE", path, into=into, **more)

    async def post(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("POST", path, into=into, **more)

    async def put(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("PUT", path, into=into, **more)

    async def patch(self, path: str, /, *, into: type[T] = Response, **more: Any) -> T:  # type: ignore[assignment]
        return await self.request("PATCH", path, into=into, **more)

    async def request(
        self,
        method: str,
        path: str,
        /,
        *,
        into: type[T] = Response,  # type: ignore[assignment]
        params: Mapping[str, Scalar | Sequence[Scalar]] | None = None,
        headers: Mapping[str, str] | None = None,
        json: Any = None,
        content: bytes | str | None = None,
        data: Mapping[str, Any] | None = None,
        **parts: Part,
    ) -> T:
        client = connections.client(self.alias)
        definition = configured()[self.alias]
        call = Call(self.alias, method, path)
        request = Request(
            method,
            url(definition.base_url, path, parts),
            params=params,
            headers=header_values(definition.headers, {"X-Request-ID": context.request_id.get()}, headers),
            json=json,
            content=content,
            data=data,
            extensions={"call": call},
        )
        response = await client.handle_async_request(request)
        response.request = request
        if not response.is_success:
            raise RefusedAnswer(f"answered {response.status_code}", call=call, response=response)
        return response if into is Response else _parsed(response, into, call)  # type: ignore[return-value]


_adapter: Callable[[Any], TypeAdapter[Any]] = functools.cache(TypeAdapter)


def _parsed(response: Response, into: type[T], call: Call) -> T:
    try:
        answer: T = _adapter(into).validate_json(response.content)
        return answer
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the body"
        raise BrokenAnswer(
            f"the answer is not what was asked for: {where}: {first['msg']}", call=call
        ) from None
