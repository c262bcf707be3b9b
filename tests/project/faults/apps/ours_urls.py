"""The views, over upstreams of the generated project."""

from collections.abc import AsyncIterator
from typing import Any

import effects
from asgiref.sync import sync_to_async
from django.http import HttpRequest, JsonResponse, StreamingHttpResponse
from django.urls import path
from ours_app import upstreams
from upstreams import EventStreamResponse, spawn
from upstreams.contrib.webhooks.decorators import webhook
from views import urls


async def call(request: HttpRequest, alias: str) -> JsonResponse:
    headers = {name: request.headers[name] for name in ("Idempotency-Key",) if name in request.headers}
    method = request.GET.get("method", "GET")
    content = await upstreams[alias].request(method, "x", into=dict[str, str], headers=headers)
    return JsonResponse({"n": content.get("n"), "size": sum(map(len, content.values()))})


async def pass_on(request: HttpRequest, alias: str) -> StreamingHttpResponse:
    async def chunks() -> AsyncIterator[bytes]:
        async with upstreams[alias].stream("GET", "large") as response:
            async for chunk in response.aiter_bytes():
                yield chunk

    return StreamingHttpResponse(chunks())


async def tokens(request: HttpRequest, alias: str) -> EventStreamResponse:
    return EventStreamResponse(event.data async for event in upstreams[alias].events("GET", "tokens"))


async def tenant(request: HttpRequest, alias: str) -> JsonResponse:
    bound = upstreams[alias].using(base_url=request.GET["url"], auth={"BEARER": "of the tenant"})
    return JsonResponse(await bound.get("x", into=dict[str, str]))


async def fetch(alias: str, method: str, **options: Any) -> dict[str, str]:
    return await upstreams[alias].request(method, "x", into=dict[str, str], **options)


@webhook("billing")
async def receive(request: HttpRequest) -> None:
    await sync_to_async(effects.add)(request.headers["webhook-id"])


urlpatterns = [
    path("webhook", receive),
    path("call/<str:alias>", call),
    path("pass-on/<str:alias>", pass_on),
    path("tokens/<str:alias>", tokens),
    path("tenant/<str:alias>", tenant),
    *urls(fetch, spawn),
]
