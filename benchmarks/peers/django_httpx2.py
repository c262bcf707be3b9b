"""Stock Django, one shared httpx2 client; and its ORM."""

import asyncio
import os
import ssl

import httpx2
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, JsonResponse
from django.urls import path

limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256)
client = httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], limits=limits)
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


def row(request: HttpRequest, database: str) -> JsonResponse:
    found = ContentType.objects.using(database).get(pk=1)
    return JsonResponse({"app": found.app_label, "model": found.model})


async def async_row(request: HttpRequest, database: str) -> JsonResponse:
    found = await ContentType.objects.using(database).aget(pk=1)
    return JsonResponse({"app": found.app_label, "model": found.model})


urlpatterns = [
    path("v1/quotes/tls", over_tls),
    path("v1/quotes/five", five),
    path("v1/quotes/<str:which>", quote),
    path("v1/rows/<str:database>", row),
    path("v1/async-rows/<str:database>", async_row),
]
