"""A response of a mock, and the request that it is for."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.client import responses


@dataclass(frozen=True)
class Asked:
    """A request.

    Args:
        method: in capitals.
        path: below `BASE_URL`, without a slash before it, percent-encoded as it was sent.
        query: as it was sent, without the question mark.
        body: all of it.
        headers: lower-case names.
    """

    method: str
    path: str
    query: str = ""
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} /{self.path}{'?' if self.query else ''}{self.query}"


@dataclass(frozen=True)
class Reply:
    """A response.

    Args:
        status: of it.
        headers: without those of one connection, and without a length.
        chunks: of its body; several are sent one by one.
        origin: where it comes from, or why it is an error, for the log.
    """

    status: int
    headers: Sequence[tuple[str, str]]
    chunks: Sequence[bytes]
    origin: str


def problem(status: int, detail: str, *headers: tuple[str, str]) -> Reply:
    """Return an error as `application/problem+json` (RFC 9457)."""
    body = {"title": responses.get(status, "Error"), "status": status, "detail": detail}
    kind = ("content-type", "application/problem+json")
    return Reply(status, [kind, *headers], [json.dumps(body).encode()], detail)
