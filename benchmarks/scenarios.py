"""Who is measured, and at what."""

from dataclasses import dataclass

OURS = "this template"
LIMIT = "raw ASGI, raw sockets"
PER_REQUEST = "Django, a new httpx client per request"
HTTPX = "Django, shared httpx"
HTTPX2 = "Django, shared httpx2"
LIFESPAN = "Django, django-asgi-lifespan, httpx2"
THREADS = "Django under threads, requests"
FASTAPI = "FastAPI, shared httpx2"
STARLETTE = "Starlette, shared httpx2"
AIOHTTP = "aiohttp's server and client"

UVICORN = [".venv/bin/uvicorn", "--port={port}", "--no-access-log"]
GUNICORN = [".venv/bin/gunicorn", "--bind=127.0.0.1:{port}", "--worker-class=gthread", "--no-control-socket"]

# In peers/. Uvicorn runs on uvloop and httptools, and no peer writes an access log.
COMMANDS = {
    PER_REQUEST: [*UVICORN, "asgi:application"],
    HTTPX: [*UVICORN, "asgi:application"],
    HTTPX2: [*UVICORN, "asgi:application"],
    LIFESPAN: [*UVICORN, "with_lifespan.asgi:application"],
    THREADS: [*GUNICORN, "--threads=32", "wsgi:application"],
    FASTAPI: [*UVICORN, "fastapi_httpx2:application"],
    STARLETTE: [*UVICORN, "starlette_httpx2:application"],
    AIOHTTP: [".venv/bin/python", "aiohttp_both.py", "{port}"],
    LIMIT: [*UVICORN, "raw:application"],
}
URLS = {
    PER_REQUEST: "django_client_per_request",
    HTTPX: "django_httpx",
    HTTPX2: "django_httpx2",
    LIFESPAN: "with_lifespan.urls",
    THREADS: "django_requests",
}
SETTINGS = {LIFESPAN: "with_lifespan.settings"}
"""Instead of `settings`."""


@dataclass(frozen=True)
class Scenario:
    """What is asked of whom; `connections` are busy at once."""

    path: str
    peers: tuple[str, ...]
    connections: int = 32


ONE_CALL, SQLITE, POSTGRESQL = "one call", "ORM, sync view, SQLite", "ORM, sync view, PostgreSQL"
SCENARIOS = {
    ONE_CALL: Scenario("/v1/quotes/random", (OURS, *COMMANDS)),
    "one call, 1 at a time": Scenario("/v1/quotes/random", (OURS, HTTPX2, FASTAPI, THREADS), connections=1),
    "one call, 256 at once": Scenario("/v1/quotes/any", (OURS, HTTPX2, FASTAPI, THREADS), connections=256),
    "five calls at once": Scenario("/v1/quotes/five", (OURS, HTTPX2, FASTAPI)),
    "an upstream that takes 20 ms": Scenario("/v1/quotes/slow", (OURS, HTTPX2, FASTAPI)),
    "an upstream behind TLS": Scenario("/v1/quotes/tls", (OURS, HTTPX2, FASTAPI)),
    "an answer of 1 KB": Scenario("/v1/quotes/1k", (OURS, HTTPX2)),
    "an answer of 100 KB": Scenario("/v1/quotes/100k", (OURS, HTTPX2, FASTAPI)),
    SQLITE: Scenario("/v1/rows/default", (OURS, HTTPX2, THREADS)),
    POSTGRESQL: Scenario("/v1/rows/postgresql", (OURS, HTTPX2, THREADS)),
    "ORM, async view, SQLite": Scenario("/v1/async-rows/default", (OURS, HTTPX2)),
}
QUICK = (ONE_CALL, SQLITE)
