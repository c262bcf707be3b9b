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


@dataclass(frozen=True)
class Scenario:
    """A path of each peer; `connections` are busy at once."""

    path: str
    peers: tuple[str, ...]
    connections: int = 32


ONE_CALL, SQLITE, POSTGRESQL = "one call", "ORM, sync view, SQLite", "ORM, sync view, PostgreSQL"
CALLERS = (OURS, HTTPX2, FASTAPI, FASTAPI_AIOHTTP)
SCENARIOS = {
    ONE_CALL: Scenario("/v1/quotes/random", tuple(PEERS)),
    "one call, 1 at a time": Scenario("/v1/quotes/random", (OURS, HTTPX2, FASTAPI, THREADS), connections=1),
    "one call, 256 at once": Scenario("/v1/quotes/any", (OURS, HTTPX2, FASTAPI, THREADS), connections=256),
    "five calls at once": Scenario("/v1/quotes/five", CALLERS),
    "an upstream that takes 20 ms": Scenario("/v1/quotes/slow", CALLERS),
    "an upstream behind TLS": Scenario("/v1/quotes/tls", CALLERS),
    "a response of 100 KB": Scenario("/v1/quotes/100k", CALLERS),
    SQLITE: Scenario("/v1/rows/default", (OURS, HTTPX2, THREADS)),
    POSTGRESQL: Scenario("/v1/rows/postgresql", (OURS, HTTPX2, THREADS)),
    "ORM, async view, SQLite": Scenario("/v1/async-rows/default", (OURS, HTTPX2)),
}
DECISIVE = (OURS, LIMIT, HTTPX2, FASTAPI_AIOHTTP, STARLETTE_AIOHTTP, BOLT)
QUICK = {
    ONE_CALL: replace(SCENARIOS[ONE_CALL], peers=DECISIVE),
    SQLITE: replace(SCENARIOS[SQLITE], peers=(OURS, HTTPX2)),
}
"""Of `make bench-quick`: the decisive ratios."""
