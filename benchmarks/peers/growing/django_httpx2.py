"""Stock Django, a shared httpx2 client of each upstream."""

import os
import ssl

import httpx2
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

trusted = ssl.create_default_context()
limits = httpx2.Limits(max_connections=1024, max_keepalive_connections=1024)
clients = [
    httpx2.AsyncClient(base_url=url, limits=limits, verify=trusted, timeout=30)
    for url in os.environ["UPSTREAM_URLS"].split()
]


async def quote(request: HttpRequest, which: str) -> JsonResponse:
    response = await clients[0].get(which)
    response.raise_for_status()
    return JsonResponse(response.json())


async def of_upstream(request: HttpRequest, number: int) -> JsonResponse:
    response = await clients[number].get("any")
    response.raise_for_status()
    return JsonResponse(response.json())


async def passed_on(request: HttpRequest, which: str) -> HttpResponse:
    response = await clients[0].get(which)
    response.raise_for_status()
    return HttpResponse(response.content, content_type="application/json")


@csrf_exempt
async def upload(request: HttpRequest) -> JsonResponse:
    response = await clients[0].post("upload", content=request.body)
    response.raise_for_status()
    return JsonResponse(response.json())


urlpatterns = [
    path("v1/quotes/<str:which>", quote),
    path("v1/upstreams/<int:number>", of_upstream),
    path("v1/bodies/<str:which>", passed_on),
    path("v1/bodies", upload),
]
