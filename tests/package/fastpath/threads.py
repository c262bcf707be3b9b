"""Views that use threads, and what tells tests of them."""

import asyncio
import threading

from asgiref.sync import sync_to_async
from django.db import connections as databases
from django.http import HttpResponse
from django.template import engines
from django.template.response import SimpleTemplateResponse
from django.urls import path
from django.utils import translation
from testproject.driver import Client
from upstreams.fastpath.thread_pool import ThreadPool


class Gate:
    """Holds views back, in their threads, until it is opened."""

    def __init__(self):
        self.entered = asyncio.Queue()
        self.open = threading.Event()
        self.loop = asyncio.get_running_loop()

    def passed(self):
        self.loop.call_soon_threadsafe(self.entered.put_nowait, threading.current_thread())
        self.open.wait(10)


class Watched(ThreadPool):
    """Says when it gets an executor back."""

    def __init__(self, handler, idle):
        super().__init__(handler, idle)
        self.back = asyncio.Queue()
        self.loop = asyncio.get_running_loop()

    def _take_back(self, executor):
        super()._take_back(executor)
        self.loop.call_soon_threadsafe(self.back.put_nowait, executor)


async def ask(app, path, **scope):
    client = Client()
    assert await client.ask(app, path=path, headers=[(b"host", b"testserver")], **scope) == 200
    return client.body.decode()


def thread(request):
    return HttpResponse(threading.current_thread().name)


async def in_loop(request):
    return thread(request)


def language(request):
    return HttpResponse(f"{threading.current_thread().name} {translation.get_language()}")


def german(request):
    translation.activate("de")
    return language(request)


def held(request):
    request.scope["gate"].passed()
    return HttpResponse()


def row(request):
    with databases["default"].cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse(threading.current_thread().name)


def row_held(request):
    row(request)
    return held(request)


async def in_async(request):
    return await sync_to_async(thread)(request)


def template(request):
    return SimpleTemplateResponse(engines["django"].from_string("a"))


async def leaves(request):
    request.scope["left"] = asyncio.create_task(sync_to_async(held)(request))
    await asyncio.sleep(0)
    return HttpResponse()


async def leaves_two(request):
    both = asyncio.gather(sync_to_async(held)(request), sync_to_async(thread)(request))
    await asyncio.sleep(0)
    await request.scope["gate"].entered.get()
    both.cancel()
    return HttpResponse()


urlpatterns = [
    path("leaves-two", leaves_two),
    path("in-async", in_async),
    path("template", template),
    path("leaves", leaves),
    path("thread", thread),
    path("in-loop", in_loop),
    path("language", language),
    path("german", german),
    path("held", held),
    path("row", row),
    path("row-held", row_held),
]
