"""What each server does besides responding: what a reader gives up, or has to add, for fewer milliseconds."""

from catalogue import (
    AIOHTTP,
    BLACKSHEEP,
    BOLT,
    BOLT_HTTPX2,
    BOLT_LINE,
    BOLT_MIDDLEWARE,
    BOLT_OURS,
    FASTAPI,
    FASTAPI_AIOHTTP,
    GO,
    HTTPX,
    HTTPX2,
    LIFESPAN,
    LIMIT,
    LITESTAR,
    OURS,
    PER_REQUEST,
    REST,
    REST_OURS,
    STARLETTE,
    STARLETTE_AIOHTTP,
    THREADS,
)

COLUMNS = (
    "calls are limited by",
    "admission",
    "access line",
    "metrics",
    "request id",
    "Django's middleware",
    "on SIGTERM",
)
YES, OFF, NO = "yes", "off", "-"
TIMEOUTS, ALL, BEGUN = "timeouts", "deadline, timeouts, retries, breaker, queue", "requests end"
EXPLAINED = f"""What each server does in this measurement. "{OFF}": it, its server or its client can, and is not asked to; a dash: somebody has to write it, or to add a package. "Admission" refuses requests beyond a limit on those that are in flight. "{BEGUN}": the port closes at once, and requests that have begun have time to end. This template, besides, keeps listening until the load balancer has noticed, and lets upstream calls and background work end."""

EVERYTHING = (ALL, YES, YES, YES, YES, YES, "all of it")
STOCK = (TIMEOUTS, OFF, OFF, NO, NO, YES, BEGUN)  # admission: uvicorn's --limit-concurrency
TOOLKIT = (TIMEOUTS, OFF, OFF, NO, NO, NO, BEGUN)
BY_BOLT = (TIMEOUTS, NO, OFF, NO, OFF, OFF, BEGUN)  # its TimingMiddleware makes request ids
ABILITIES = {
    OURS: EVERYTHING,
    REST_OURS: EVERYTHING,
    # Admission, metrics, request ids and probes are layers of the ASGI application that it replaces.
    BOLT_OURS: (ALL, NO, YES, NO, OFF, OFF, BEGUN),
    PER_REQUEST: STOCK,
    HTTPX: STOCK,
    HTTPX2: STOCK,
    LIFESPAN: STOCK,
    REST: STOCK,
    THREADS: (TIMEOUTS, NO, OFF, NO, NO, YES, BEGUN),
    FASTAPI: TOOLKIT,
    FASTAPI_AIOHTTP: TOOLKIT,
    STARLETTE: TOOLKIT,
    STARLETTE_AIOHTTP: TOOLKIT,
    BLACKSHEEP: TOOLKIT,
    LITESTAR: (TIMEOUTS, OFF, OFF, OFF, NO, NO, BEGUN),
    AIOHTTP: (TIMEOUTS, NO, OFF, NO, NO, NO, BEGUN),
    BOLT: ("timeouts; retries off", *BY_BOLT[1:]),
    BOLT_LINE: ("timeouts; retries off", NO, YES, NO, OFF, OFF, BEGUN),
    BOLT_HTTPX2: BY_BOLT,
    BOLT_MIDDLEWARE: ("timeouts; retries off", NO, OFF, NO, OFF, YES, BEGUN),
    LIMIT: (NO, OFF, OFF, NO, NO, NO, BEGUN),
    GO: (TIMEOUTS, NO, NO, NO, NO, NO, NO),
}
