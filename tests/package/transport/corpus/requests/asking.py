"""A request as a caller writes it, and what must be sent for it."""

from typing import NamedTuple


class Asked(NamedTuple):
    """Args:
    source: an RFC, or a kind of public report.
    call: the arguments of `Upstream.request`; path parameters are in `parameters`.
    target: of the request line.
    body: as the peer reads it, without the framing of chunks.
    fields: of the head, by names in lower case; None for those that must not be there.
    keys: of the upstream, beside `BASE_URL`.
    base: the path of `BASE_URL`.
    """

    source: str
    call: dict
    target: str
    body: bytes
    fields: dict
    keys: dict
    base: str


def asked(source, method, path, target, *, body=b"", fields=None, keys=None, base="", **call):
    call = {"method": method, "path": path, **call}
    return Asked(source, call, target, body, fields or {}, keys or {}, base)
