"""Stock Django, a new httpx client for each request: what its documentation warns of, and what many write."""

import os

import httpx
from django.http import HttpRequest, JsonResponse
from django.urls import path


async def quote(request: HttpRequest, which: str) -> JsonResponse:
    async with httpx.AsyncClient(base_url=os.environ["UPSTREAM"]) as client:
        response = await client.get(which)
    response.raise_for_status()
    return JsonResponse(response.json())


urlpatterns = [path("v1/quotes/<str:which>", quote)]
