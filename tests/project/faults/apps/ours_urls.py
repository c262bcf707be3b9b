"""The views, over upstreams of the generated project."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import path
from ours_app import upstreams
from upstreams import spawn
from views import urls


async def call(request: HttpRequest, alias: str) -> JsonResponse:
    headers = {name: request.headers[name] for name in ("Idempotency-Key",) if name in request.headers}
    method = request.GET.get("method", "GET")
    content = await upstreams[alias].request(method, "x", into=dict[str, str], headers=headers)
    return JsonResponse({"n": content.get("n"), "size": sum(map(len, content.values()))})


async def fetch(alias: str, method: str, **options: Any) -> dict[str, str]:
    return await upstreams[alias].request(method, "x", into=dict[str, str], **options)


urlpatterns = [path("call/<str:alias>", call), *urls(fetch, spawn)]
