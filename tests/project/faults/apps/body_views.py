"""Views that receive or send megabytes, or wait while they do; both targets serve them."""

import asyncio
import io
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

MEGABYTE = 10**6
LARGE = 200 * MEGABYTE
entered = {"uploads": 0}


async def upload(request: HttpRequest) -> JsonResponse:
    entered["uploads"] += 1
    return JsonResponse({"size": sum(file.size or 0 for _, file in request.FILES.items())})


async def upload_and_wait(request: HttpRequest) -> HttpResponse:
    await upload(request)
    await asyncio.sleep(60)
    return HttpResponse()


async def uploads(request: HttpRequest) -> JsonResponse:
    return JsonResponse(entered)


async def read_json(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"length": len(json.loads(request.body))})


def open_file() -> Any:
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    file.truncate(LARGE)
    return file


def file(request: HttpRequest) -> FileResponse:
    return FileResponse(open_file())


async def file_of_an_async_view(request: HttpRequest) -> FileResponse:
    return FileResponse(open_file())


def chunks() -> Iterator[bytes]:
    try:
        for _ in range(LARGE // 65536 + 1):
            yield b"x" * 65536  # a new one each time
    except GeneratorExit:
        print("the generator was closed", flush=True)
        raise


def generator(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(chunks())


async def generator_of_an_async_view(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(chunks())


async def parts(request: HttpRequest) -> StreamingHttpResponse:
    async def parts() -> AsyncIterator[bytes]:
        yield b"first "
        yield b"last"

    return StreamingHttpResponse(parts())


async def events(request: HttpRequest) -> StreamingHttpResponse:
    async def events() -> AsyncIterator[bytes]:
        try:
            await asyncio.sleep(float(request.GET["seconds"]))
            while True:
                yield b"data: 1\n\n"
                await asyncio.sleep(0.1)
        finally:
            print("the events ended", flush=True)

    return StreamingHttpResponse(events(), content_type="text/event-stream")


async def cycle(request: HttpRequest) -> HttpResponse:
    kept: list[Any] = [b"x" * 5 * MEGABYTE]
    kept.append(kept)
    return HttpResponse()


class Once:
    """A file that can be read once."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def read(self, size: int = -1) -> bytes:
        return self._content.read(size)


def urls(call: Callable[..., Awaitable[dict[str, str]]]) -> list[URLPattern]:
    """Return the views, with the target's own way of a call: (alias, method, files=…) -> the response."""

    async def upload_once(request: HttpRequest) -> JsonResponse:
        return JsonResponse(await call("faulty", "PUT", files={"file": ("name", Once(b"content"))}))

    views: dict[str, Callable[..., Any]] = {
        "upload": csrf_exempt(upload),
        "upload-and-wait": csrf_exempt(upload_and_wait),
        "uploads": uploads,
        "json": csrf_exempt(read_json),
        "file": file,
        "async-file": file_of_an_async_view,
        "generator": generator,
        "async-generator": generator_of_an_async_view,
        "parts": parts,
        "events": events,
        "cycle": cycle,
        "upload-once": upload_once,
    }
    return [path(name, view) for name, view in views.items()]
