"""What strangers request, and a census of what the process holds."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

from census import taken
from config.urls import urlpatterns as of_project
from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from upstreams import Upstream

plain, cached = Upstream("plain"), Upstream("cached")


async def census(request: HttpRequest) -> JsonResponse:
    return JsonResponse(taken())


@csrf_exempt
async def echo(request: HttpRequest) -> JsonResponse:
    """Read all that a client may have written."""
    sizes = [len(request.GET), len(request.POST), len(request.FILES), len(request.COOKIES)]
    return JsonResponse({"sizes": sizes, "charset": request.encoding})


@csrf_exempt
async def waits(request: HttpRequest) -> HttpResponse:
    _ = request.FILES
    await asyncio.sleep(30)
    return HttpResponse()


@csrf_exempt
def waits_in_thread(request: HttpRequest) -> HttpResponse:
    _ = request.FILES
    time.sleep(0.05)
    return HttpResponse("late")


@csrf_exempt
def fails(request: HttpRequest) -> HttpResponse:
    _ = request.FILES
    raise LookupError(request.GET.get("x", ""))


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(Path("/proc/self/exe").open("rb"))


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 65536
            await asyncio.sleep(0.01)

    return StreamingHttpResponse(chunks())


async def large(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"x" * 5_000_000)


async def call(request: HttpRequest, name: str) -> HttpResponse:
    found = await plain.get("{name}", name=name)
    return HttpResponse(found.content)


async def call_cached(request: HttpRequest) -> HttpResponse:
    found = await cached.get("cached", params=request.GET.dict())
    return HttpResponse(found.content)


urlpatterns = [
    path("census", census),
    path("echo", echo),
    path("waits", waits),
    path("waits-in-thread", waits_in_thread),
    path("fails", fails),
    path("file", file),
    path("stream", stream),
    path("large", large),
    path("call/<path:name>", call),
    path("call-cached", call_cached),
    *of_project,
]
