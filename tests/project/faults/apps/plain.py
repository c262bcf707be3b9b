"""The control, as a careful team writes it by hand: stock asgi.py, one shared client, errors mapped."""

import asyncio
import base64
import hashlib
import hmac
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any
from urllib.parse import urlsplit

import effects
import httpx2
import name_server
import sabotage
from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from views import tasks, urls

SETTINGS: dict[str, Any] = json.loads(os.environ["SETTINGS"])
KEYS: dict[str, Any] = json.loads(os.environ["KEYS"])
BASES = {"faulty": os.environ["FAULTY"], "other": os.environ["OTHER"]}


def database() -> dict[str, Any]:
    url = urlsplit(os.environ.get("DATABASE_URL", ""))
    if not url.hostname:
        return {}
    engine = "django.db.backends.postgresql"
    options = {"options": "-c statement_timeout=5000", "connect_timeout": 2}
    where = {"HOST": url.hostname, "PORT": url.port, "USER": url.username, "NAME": url.path[1:]}
    return {"default": {"ENGINE": engine, "OPTIONS": options, **where}}


name_server.install()
settings.configure(
    ALLOWED_HOSTS=SETTINGS.get("ALLOWED_HOSTS", ["*"]),
    ROOT_URLCONF=__name__,
    SECRET_KEY="of the control",
    DATABASES=database(),
    MIDDLEWARE=[
        "django.middleware.security.SecurityMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.middleware.clickjacking.XFrameOptionsMiddleware",
    ],
)
client: httpx2.AsyncClient


async def call(request: HttpRequest, alias: str) -> JsonResponse:
    headers = {name: request.headers[name] for name in ("Idempotency-Key",) if name in request.headers}
    try:
        response = await client.request(
            request.GET.get("method", "GET"), f"{BASES[alias]}/x", headers=headers
        )
        response.raise_for_status()
        content = response.json()
    except httpx2.TimeoutException:
        return JsonResponse({}, status=504)
    except (httpx2.HTTPError, ValueError):
        return JsonResponse({}, status=502)
    return JsonResponse({"n": content.get("n"), "size": sum(map(len, content.values()))})


async def pass_on(request: HttpRequest, alias: str) -> StreamingHttpResponse:
    async def chunks() -> AsyncIterator[bytes]:
        async with client.stream("GET", f"{BASES[alias]}/large") as response:
            async for chunk in response.aiter_bytes():
                yield chunk

    return StreamingHttpResponse(chunks())


async def tokens(request: HttpRequest, alias: str) -> StreamingHttpResponse:
    async def events() -> AsyncIterator[str]:
        async with client.stream("GET", f"{BASES[alias]}/tokens") as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield f"{line}\n\n"

    return StreamingHttpResponse(events(), content_type="text/event-stream")


async def tenant(request: HttpRequest, alias: str) -> JsonResponse:
    url = httpx2.URL(request.GET["url"])
    if url.scheme not in ("http", "https") or url.host in ("localhost", "127.0.0.1"):
        return JsonResponse({}, status=400)
    try:
        headers = {"Authorization": "Bearer of the tenant"}
        response = await client.get(f"{url}/x", headers=headers)
        response.raise_for_status()
        return JsonResponse(response.json())
    except httpx2.HTTPError:
        return JsonResponse({}, status=502)


async def fetch(alias: str, method: str, **options: Any) -> dict[str, str]:
    response = await client.request(method, f"{BASES[alias]}/x", **options)
    response.raise_for_status()
    content: dict[str, str] = response.json()
    return content


def spawn(work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)  # else it may be collected while it runs


@csrf_exempt
async def receive(request: HttpRequest) -> HttpResponse:
    key = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
    webhook_id = request.headers["webhook-id"]
    signed = f"{webhook_id}.{request.headers['webhook-timestamp']}.".encode() + request.body
    signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    if not hmac.compare_digest(f"v1,{signature}", request.headers["webhook-signature"]):
        return HttpResponse(status=401)
    await sync_to_async(effects.add_unless_seen)(webhook_id)
    return HttpResponse(status=202)


async def livez(request: HttpRequest) -> HttpResponse:
    return HttpResponse("alive")


urlpatterns = [
    path("call/<str:alias>", call),
    path("pass-on/<str:alias>", pass_on),
    path("tokens/<str:alias>", tokens),
    path("tenant/<str:alias>", tenant),
    path("webhook", receive),
    path("livez", livez),
    path("readyz", livez),
    *urls(fetch, spawn),
]
django = get_asgi_application()


async def application(
    scope: dict[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
) -> None:
    """Django, with a client that is open between start-up and shutdown."""
    global client
    if scope["type"] != "lifespan":
        await django(scope, receive, send)
        return
    await receive()
    verify: Any = ssl.create_default_context(cafile=KEYS["CA"]) if "CA" in KEYS else True
    timeout = httpx2.Timeout(KEYS.get("TIMEOUT", 10), connect=KEYS.get("CONNECT_TIMEOUT", 1))
    try:
        transport = httpx2.AsyncHTTPTransport(verify=verify, uds=KEYS.get("UDS"))
        async with httpx2.AsyncClient(timeout=timeout, transport=transport) as client:
            await sabotage.on_open()
            await send({"type": "lifespan.startup.complete"})
            await receive()
    finally:
        await sabotage.on_close("both")
    await send({"type": "lifespan.shutdown.complete"})
