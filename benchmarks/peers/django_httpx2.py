"""Stock Django, one shared httpx2 client; and its ORM."""

import asyncio
import json
import os
import ssl
from collections.abc import AsyncIterator

import httpx2
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path

limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256)
client = httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], limits=limits)
streams = httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], limits=httpx2.Limits(max_connections=1100))
secure = httpx2.AsyncClient(
    base_url=os.environ["UPSTREAM_TLS"],
    limits=limits,
    verify=ssl.create_default_context(cafile=os.environ["CA"]),
)


async def quote(request: HttpRequest, which: str) -> JsonResponse:
    response = await client.get(which)
    response.raise_for_status()
    return JsonResponse(response.json())


async def over_tls(request: HttpRequest) -> JsonResponse:
    response = await secure.get("any")
    response.raise_for_status()
    return JsonResponse(response.json())


async def five(request: HttpRequest) -> JsonResponse:
    responses = await asyncio.gather(*(client.get("any") for _ in range(5)))
    return JsonResponse({"quotes": [response.raise_for_status().json() for response in responses]})


async def tokens(request: HttpRequest) -> StreamingHttpResponse:
    async def events() -> AsyncIterator[str]:
        async with streams.stream("GET", "tokens") as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    yield f"data: {json.dumps(json.loads(line[6:]))}\n\n"

    return StreamingHttpResponse(events(), content_type="text/event-stream")


def row(request: HttpRequest, database: str) -> JsonResponse:
    found = ContentType.objects.using(database).get(pk=1)
    return JsonResponse({"app": found.app_label, "model": found.model})


async def async_row(request: HttpRequest, database: str) -> JsonResponse:
    found = await ContentType.objects.using(database).aget(pk=1)
    return JsonResponse({"app": found.app_label, "model": found.model})


urlpatterns = [
    path("v1/tokens", tokens),
    path("v1/quotes/tls", over_tls),
    path("v1/quotes/five", five),
    path("v1/quotes/<str:which>", quote),
    path("v1/rows/<str:database>", row),
    path("v1/async-rows/<str:database>", async_row),
]
