"""The views that both targets serve."""

import asyncio
import json
import multiprocessing
import os
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Any

import body_views
from asgiref.sync import async_to_sync, sync_to_async
from django.core.signals import request_finished, request_started
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt

View = Callable[..., Any]
Call = Callable[..., Awaitable[dict[str, str]]]
counts = {"started": 0, "finished": 0, "shielded": 0}
tasks: set[asyncio.Task[Any]] = set()


def count(name: str) -> None:
    counts[name] += 1


def on_start(**_: Any) -> None:
    count("started")


def on_finish(**_: Any) -> None:
    count("finished")


request_started.connect(on_start)
request_finished.connect(on_finish)


def seconds(request: HttpRequest) -> float:
    return float(request.GET["seconds"])


async def counted(request: HttpRequest) -> JsonResponse:
    return JsonResponse(counts)


async def pid(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(os.getpid()))


async def stream(request: HttpRequest) -> StreamingHttpResponse:
    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield b"chunk\n"
            await asyncio.sleep(0.1)

    return StreamingHttpResponse(chunks())


async def sleep(request: HttpRequest) -> HttpResponse:
    await asyncio.sleep(seconds(request))
    return HttpResponse("slept")


async def hang(request: HttpRequest) -> HttpResponse:
    await asyncio.Event().wait()
    return HttpResponse()


def hang_in_thread(request: HttpRequest) -> HttpResponse:
    threading.Event().wait()
    return HttpResponse()


async def start_task(request: HttpRequest) -> HttpResponse:
    """Start a task that nothing ends but its cancellation."""
    task = asyncio.create_task(asyncio.Event().wait())
    tasks.add(task)
    return HttpResponse("started")


async def block(request: HttpRequest) -> HttpResponse:
    time.sleep(seconds(request))  # noqa: ASYNC251 - the fault
    return HttpResponse("blocked")


async def echo(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(len(request.body)))


async def rows(request: HttpRequest) -> HttpResponse:
    def query() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(%s)", [seconds(request)])

    await sync_to_async(query)()
    return HttpResponse("a row")


async def crashes() -> None:
    raise LookupError("of the work")


async def hangs() -> None:
    await asyncio.Event().wait()


WORK = {"crashes": crashes, "hangs": hangs}


def urls(call: Call, spawn: Callable[[Coroutine[Any, Any, None]], object]) -> list[URLPattern]:
    """The views, with the target's own ways: (alias, method) -> an upstream's response, and background work."""

    async def background(request: HttpRequest) -> HttpResponse:
        spawn(WORK[request.GET["work"]]())
        return HttpResponse("started")

    async def shielded(request: HttpRequest) -> JsonResponse:
        async def send() -> dict[str, str]:
            response = await call("faulty", "POST")
            count("shielded")
            return response

        task = asyncio.create_task(send())
        tasks.add(task)
        return JsonResponse(await asyncio.shield(task))

    def in_thread(request: HttpRequest) -> JsonResponse:
        found: list[dict[str, str]] = []
        thread = threading.Thread(target=lambda: found.append(async_to_sync(call)("faulty", "GET")))
        thread.start()
        thread.join()
        return JsonResponse(found[0])

    def in_loop(request: HttpRequest) -> JsonResponse:
        async def get() -> dict[str, str]:
            return await call("faulty", "GET")

        return JsonResponse(asyncio.run(get()))

    def in_fork(request: HttpRequest) -> JsonResponse:
        here, there = multiprocessing.Pipe(duplex=False)

        def child() -> None:
            there.send(json.dumps(async_to_sync(call)("faulty", "GET")))

        process = multiprocessing.get_context("fork").Process(target=child)
        process.start()
        there.close()
        try:
            return JsonResponse(json.loads(here.recv()))
        finally:
            process.join()

    views: dict[str, View] = {
        "counts": counted,
        "pid": pid,
        "stream": stream,
        "sleep": sleep,
        "hang": hang,
        "hang-in-thread": hang_in_thread,
        "task": start_task,
        "background": background,
        "block": block,
        "echo": csrf_exempt(echo),
        "rows": rows,
        "shielded": csrf_exempt(shielded),
        "thread": in_thread,
        "loop": in_loop,
        "fork": in_fork,
    }
    return [*body_views.urls(call), *(path(name, view) for name, view in views.items())]
