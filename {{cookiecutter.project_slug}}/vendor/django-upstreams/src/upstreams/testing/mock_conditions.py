"""What a request has beside its method and its path, for a route of a mock to be its own."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from upstreams.core.httpx import Headers, Request, httpx

ANY: Any = object()
"""No condition; None is a body in JSON."""


@dataclass(frozen=True)
class Conditions:
    """What a request has to have.

    Attributes:
        params: query parameters, among others.
        headers: among others.
        json: the whole body, by its values.
        content: the whole body, as it is sent.
    """

    params: list[tuple[str, str]]
    headers: list[tuple[str, str]]
    json: Any = ANY
    content: bytes | None = None

    @property
    def count(self) -> int:
        """How many there are: of several routes, that with the most is used."""
        bodies = (self.json is not ANY) + (self.content is not None)
        return len(self.params) + len(self.headers) + bodies

    def hold(self, request: Request) -> bool:
        """Return whether a request meets them."""
        if self.params:
            query = request.url.params.multi_items()
            if not all(pair in query for pair in self.params):
                return False
        if not all(value in request.headers.get_list(name) for name, value in self.headers):
            return False
        if self.json is ANY and self.content is None:
            return True
        content = request.content if isinstance(request.stream, httpx.ByteStream) else None
        if self.content is not None and content != self.content:
            return False
        return self.json is ANY or _is_json(content, self.json)

    def __str__(self) -> str:
        parts = {"params": dict(self.params), "headers": [name for name, _ in self.headers]}
        shown = [f"{name}={value}" for name, value in parts.items() if value]
        shown += [
            name
            for name, given in (("json", self.json is not ANY), ("content", self.content is not None))
            if given
        ]
        return f" with {', '.join(shown)}" if shown else ""


def conditions(
    query: str, params: Mapping[str, Any] | None, headers: Mapping[str, str] | None, json: Any, content: Any
) -> Conditions:
    """Return the conditions of a route.

    Args:
        query: of its path.
        params: values as `Upstream.request` takes them.
        headers, json, content: as in `Conditions`; the content may be text.
    """
    pairs = httpx.QueryParams(query).multi_items() + httpx.QueryParams(params).multi_items()
    body = content.encode() if isinstance(content, str) else content
    return Conditions(pairs, Headers(headers).multi_items(), json, body)


def _is_json(content: bytes | None, wanted: Any) -> bool:
    try:
        return bool(json.loads(content or b"") == wanted)
    except ValueError:
        return False
