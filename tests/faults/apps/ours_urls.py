"""One view: it calls an upstream and passes on what it got."""

from django.http import HttpRequest, JsonResponse
from django.urls import path
from services import Upstream

upstreams = {alias: Upstream(alias) for alias in ("faulty", "other")}


async def call(request: HttpRequest, alias: str) -> JsonResponse:
    headers = {name: request.headers[name] for name in ("Idempotency-Key",) if name in request.headers}
    method = request.GET.get("method", "GET")
    answer = await upstreams[alias].request(method, "x", into=dict[str, str], headers=headers)
    return JsonResponse({"n": answer.get("n"), "size": sum(map(len, answer.values()))})


urlpatterns = [path("call/<str:alias>", call)]
