"""Requests as they are compared: without credentials, and without what differs between two runs."""

import difflib
import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from upstreams.core.call import Call
from upstreams.core.httpx import Request
from upstreams.management.cassettes.bodies import shown
from upstreams.management.cassettes.format import Sent, yaml_of
from upstreams.testing import complaints
from upstreams.testing.cassettes.scrubber import Scrubber

NOT_COMPARED = {"accept-encoding", "cache-control", "host", "pragma", "user-agent", "x-request-id"}
"""Headers without credentials that the versions of libraries, or a request that is served, decide."""
BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)


def path_of(request: Request, base: str) -> str:
    """Return the path of a request below a `BASE_URL`, with its query."""
    path = complaints.path_below(base, request, Call.of(request))
    query = request.url.query.decode("ascii")
    return f"{path}?{query}" if query else path


def is_for_token(call: Call) -> bool:
    """Return whether a request asks for a token of OAuth2, which is neither recorded nor compared."""
    return call.path == "(token)" and call.method == "POST"


def described(
    method: str, path: str, headers: Iterable[tuple[str, str]], body: bytes, scrubber: Scrubber
) -> Sent:
    """Return a request as it is compared; only what the scrubber knows by then is removed by its value."""
    kept = dict(sorted((n, v) for n, v in scrubber.request_headers(headers) if n not in NOT_COMPARED))
    text = body.decode("utf-8", "surrogateescape")
    if boundary := BOUNDARY.search(kept.get("content-type", "")):  # random
        kept["content-type"] = kept["content-type"].replace(boundary[1], "boundary")
        text = text.replace(boundary[1], "boundary")
    path, text = scrubber.fields(path), scrubber.fields(text)
    content = scrubber.values(text).encode("utf-8", "surrogateescape")
    return Sent(
        method=method,
        path=scrubber.values(path),
        headers={name: scrubber.values(scrubber.fields(value)) for name, value in kept.items()},
        body=shown(content) if content else None,
    )


def is_same(one: Sent, other: Sent) -> bool:
    """Return whether two requests are the same; the order of query parameters is of no importance."""
    return (one.method, one.headers, one.body) == (other.method, other.headers, other.body) and (
        _target(one.path) == _target(other.path)
    )


def difference(sent: Sent, recorded: list[Sent]) -> str:
    """Return how a request differs from the most similar one of those recorded, line by line."""
    lines = yaml_of(sent).splitlines()

    def similarity(other: Sent) -> tuple[bool, float]:
        ratio = difflib.SequenceMatcher(None, yaml_of(other).splitlines(), lines).ratio()
        same = (other.method, _target(other.path)[0]) == (sent.method, _target(sent.path)[0])
        return same, ratio

    nearest = yaml_of(max(recorded, key=similarity)).splitlines()
    diff = difflib.unified_diff(nearest, lines, "recorded", "sent", n=99, lineterm="")
    return "\n".join(line for line in diff if not line.startswith("@@"))


def _target(path: str) -> tuple[str, list[tuple[str, str]]]:
    path, _, query = path.partition("?")
    return path, sorted(parse_qsl(query, keep_blank_values=True))
