"""The views, over upstreams of the generated project."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from ours_app import upstreams
from upstreams import spawn
from views import urls


async def call(request: HttpRequest, alias: str) -> JsonResponse:
    headers = {name: request.headers[name] for name in ("Idempotency-Key",) if name in request.headers}
    method = request.GET.get("method", "GET")
    answer = await upstreams[alias].request(method, "x", into=dict[str, str], headers=headers)
    return JsonResponse({"n": answer.get("n"), "size": sum(map(len, answer.values()))})


async def fetch(alias: str, method: str) -> dict[str, str]:
    return await upstreams[alias].request(method, "x", into=dict[str, str])


urlpatterns = [path("call/<str:alias>", call), *urls(fetch, spawn)]
