"""The servers that are measured, how each is started, and what each does for a service in production."""

from dataclasses import dataclass

OURS = "this template"
LIMIT = "raw ASGI, raw sockets"
GO = "Go, net/http"
PER_REQUEST = "Django, a new httpx client per request"
HTTPX = "Django, shared httpx"
HTTPX2 = "Django, shared httpx2"
LIFESPAN = "Django, django-asgi-lifespan, httpx2"
REST = "Django, django-modern-rest, httpx2"
REST_OURS = "this template, django-modern-rest"
THREADS = "Django under threads, requests"
FASTAPI = "FastAPI, shared httpx2"
FASTAPI_AIOHTTP = "FastAPI, shared aiohttp"
STARLETTE = "Starlette, shared httpx2"
STARLETTE_AIOHTTP = "Starlette, shared aiohttp"
LITESTAR = "Litestar, shared aiohttp"
BLACKSHEEP = "BlackSheep, shared aiohttp"
AIOHTTP = "aiohttp's server and client"
BOLT = "django-bolt, pyqwest"
BOLT_LINE = "django-bolt, pyqwest, access line"
BOLT_HTTPX2 = "django-bolt, shared httpx2"
BOLT_MIDDLEWARE = "django-bolt, Django's middleware, pyqwest"
BOLT_OURS = "django-bolt, services/ of this template"

# Uvicorn runs on uvloop and httptools. No peer writes an access log, but where its name says so.
UVICORN = (".venv/bin/uvicorn", "--port={port}", "--no-access-log")
GUNICORN = (".venv/bin/gunicorn", "--bind=127.0.0.1:{port}", "--worker-class=gthread", "--no-control-socket")
DJANGO = (*UVICORN, "asgi:application")
RUNBOLT = ("runbolt", "--host=127.0.0.1", "--port={port}", "--no-admin")
STOCK_BOLT = (".venv/bin/python", "-m", "django", *RUNBOLT)
MANAGE = (".venv/bin/python", "manage.py")


@dataclass(frozen=True)
class Peer:
    """How a server is started.

    Args:
        command: `{port}` and `{folder}`, that of what is built, are filled in.
        settings: the module of Django's settings.
        urls: the module with the routes: of stock Django the views, of django-bolt the API.
        in_project: whether it runs in the generated project, instead of in peers/.
    """

    command: tuple[str, ...]
    settings: str = "settings"
    urls: str = "none"
    in_project: bool = False


PEERS = {
    OURS: Peer((*MANAGE, "serve", "--port={port}"), "bench_settings", in_project=True),
    PER_REQUEST: Peer(DJANGO, urls="django_client_per_request"),
    HTTPX: Peer(DJANGO, urls="django_httpx"),
    HTTPX2: Peer(DJANGO, urls="django_httpx2"),
    LIFESPAN: Peer(
        (*UVICORN, "with_lifespan.asgi:application"), "with_lifespan.settings", "with_lifespan.urls"
    ),
    REST: Peer(DJANGO, urls="modern_rest_httpx2"),
    REST_OURS: Peer((*MANAGE, "serve", "--port={port}"), "bench_rest_settings", in_project=True),
    THREADS: Peer((*GUNICORN, "--threads=32", "wsgi:application"), urls="django_requests"),
    FASTAPI: Peer((*UVICORN, "fastapi_httpx2:application")),
    FASTAPI_AIOHTTP: Peer((*UVICORN, "fastapi_aiohttp:application")),
    STARLETTE: Peer((*UVICORN, "starlette_httpx2:application")),
    STARLETTE_AIOHTTP: Peer((*UVICORN, "starlette_aiohttp:application")),
    LITESTAR: Peer((*UVICORN, "litestar_aiohttp:application")),
    BLACKSHEEP: Peer((*UVICORN, "blacksheep_aiohttp:application")),
    AIOHTTP: Peer((".venv/bin/python", "aiohttp_both.py", "{port}")),
    BOLT: Peer(STOCK_BOLT, "bolt.settings", "bolt.with_pyqwest:api"),
    BOLT_LINE: Peer(STOCK_BOLT, "bolt.settings_with_access_line", "bolt.with_pyqwest:api"),
    BOLT_HTTPX2: Peer(STOCK_BOLT, "bolt.settings", "bolt.with_httpx2:api"),
    BOLT_MIDDLEWARE: Peer(STOCK_BOLT, "bolt.settings", "bolt.with_pyqwest:with_middleware"),
    BOLT_OURS: Peer((*MANAGE, *RUNBOLT), "bench_bolt_settings", in_project=True),
    LIMIT: Peer((*UVICORN, "raw:application")),
    GO: Peer(("{folder}/go_peer", "{port}")),
}
