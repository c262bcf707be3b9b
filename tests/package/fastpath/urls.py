"""Views that end in every way a request can end."""

import asyncio
import threading
from io import BytesIO

from asgiref.sync import async_to_sync, sync_to_async
from django.http import FileResponse, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt


async def plain(request):
    return HttpResponse("plain")


def sync(request):
    return HttpResponse(threading.current_thread().name)


async def parts(request):
    async def content():
        yield b"a"
        yield b"b"

    return StreamingHttpResponse(content())


def sync_parts(request):
    return StreamingHttpResponse(part for part in (b"a", b"b"))


async def broken_parts(request):
    async def content():
        yield b"a"
        raise LookupError("in the stream")

    return StreamingHttpResponse(content())


async def file(request):
    return FileResponse(BytesIO(b"content"))


async def fails(request):
    raise LookupError("in the view")


async def waits(request):
    request.scope["entered"].set()
    try:
        await asyncio.Event().wait()
    finally:
        request.scope["left"].set()


def calls(request):
    return async_to_sync(sync_to_async(blocks))(request)


async def nested(request):
    return HttpResponse(await sync_to_async(async_to_sync(sync_to_async(lambda: "nested")))())


async def turns(request):
    await asyncio.sleep(0)
    return HttpResponse()


def blocks(request):
    request.scope["loop"].call_soon_threadsafe(request.scope["entered"].set)
    request.scope["open"].wait(10)
    return HttpResponse()


class Closing(HttpResponse):
    """A response of a project, which does something at its end."""

    def close(self):
        super().close()
        closed.append(threading.current_thread().name)


closed: list[str] = []


async def own_close(request):
    return Closing()


async def closer(request):
    response = HttpResponse()
    response._resource_closers.append(lambda: closed.append(threading.current_thread().name))
    return response


@csrf_exempt
async def upload(request):
    uploaded = request.FILES["file"]
    uploaded.close = lambda: closed.append(threading.current_thread().name)
    return HttpResponse()


async def kind(request):
    request.scope["seen"]["kind"] = type(request)
    return HttpResponse()


async def body(request):
    return HttpResponse(request.body)


urlpatterns = [
    path("plain", plain),
    path("sync", sync),
    path("parts", parts),
    path("sync-parts", sync_parts),
    path("broken-parts", broken_parts),
    path("file", file),
    path("fails", fails),
    path("waits", waits),
    path("calls", calls),
    path("nested", nested),
    path("body", body),
    path("kind", kind),
    path("turns", turns),
    path("blocks", blocks),
    path("own-close", own_close),
    path("closer", closer),
    path("upload", upload),
]
