"""Stock Django, one shared httpx client."""

import os

import httpx
from django.http import HttpRequest, JsonResponse
from django.urls import path

client = httpx.AsyncClient(
    base_url=os.environ["UPSTREAM"],
    limits=httpx.Limits(max_connections=256, max_keepalive_connections=256),
)


async def quote(request: HttpRequest, which: str) -> JsonResponse:
    response = await client.get(which)
    response.raise_for_status()
    return JsonResponse(response.json())


urlpatterns = [path("v1/quotes/<str:which>", quote)]
