"""What is asked of whom."""

from dataclasses import dataclass, replace

from catalogue import (
    BOLT,
    FASTAPI,
    FASTAPI_AIOHTTP,
    HTTPX2,
    LIMIT,
    OURS,
    PEERS,
    STARLETTE_AIOHTTP,
    THREADS,
)
from load import get


@dataclass(frozen=True)
class Scenario:
    """Requests that each peer gets, in turn; `connections` are busy at once."""

    requests: tuple[bytes, ...]
    peers: tuple[str, ...]
    connections: int = 32


def asked(path: str, peers: tuple[str, ...], connections: int = 32) -> Scenario:
    return Scenario((get(path),), peers, connections)


ONE_CALL, SQLITE, POSTGRESQL = "one call", "ORM, sync view, SQLite", "ORM, sync view, PostgreSQL"
CALLERS = (OURS, HTTPX2, FASTAPI, FASTAPI_AIOHTTP)
SCENARIOS = {
    ONE_CALL: asked("/v1/quotes/random", tuple(PEERS)),
    "one call, 1 at a time": asked("/v1/quotes/random", (OURS, HTTPX2, FASTAPI, THREADS), connections=1),
    "one call, 256 at once": asked("/v1/quotes/any", (OURS, HTTPX2, FASTAPI, THREADS), connections=256),
    "five calls at once": asked("/v1/quotes/five", CALLERS),
    "an upstream that takes 20 ms": asked("/v1/quotes/slow", CALLERS),
    "an upstream behind TLS": asked("/v1/quotes/tls", CALLERS),
    "a response of 100 KB": asked("/v1/quotes/100k", CALLERS),
    SQLITE: asked("/v1/rows/default", (OURS, HTTPX2, THREADS)),
    POSTGRESQL: asked("/v1/rows/postgresql", (OURS, HTTPX2, THREADS)),
    "ORM, async view, SQLite": asked("/v1/async-rows/default", (OURS, HTTPX2)),
}
DECISIVE = (OURS, LIMIT, HTTPX2, FASTAPI_AIOHTTP, STARLETTE_AIOHTTP, BOLT)
QUICK = {
    ONE_CALL: replace(SCENARIOS[ONE_CALL], peers=DECISIVE),
    SQLITE: replace(SCENARIOS[SQLITE], peers=(OURS, HTTPX2)),
}
"""Of `make bench-quick`: the decisive ratios."""
