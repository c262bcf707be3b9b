"""The fixture `thread_switches`: what took a thread, and from which line."""

import asyncio
import inspect
import threading

import django
import pytest
from asgiref.sync import sync_to_async
from django.http import HttpResponse
from django.urls import path
from testproject.driver import Client
from upstreams import spawn_thread
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.thread_pool import ThreadPool
from upstreams.testing.thread_switches import record_thread_switches

pytestmark = pytest.mark.skipif(django.VERSION < (6, 1), reason="the fast path needs Django 6.1")
HERE = "testing/test_thread_switches.py"


def line(function, offset=0):
    return f"{HERE}:{inspect.getsourcelines(function)[1] + offset}"


class SyncMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


def sync_view(request):
    return HttpResponse()


def work():
    pass


async def works(request):
    await sync_to_async(work)()
    return HttpResponse()


async def to_thread(request):
    await asyncio.to_thread(work)
    return HttpResponse()


async def starts(request):
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return HttpResponse()


async def nothing(request):
    return HttpResponse()


urlpatterns = [path(view.__name__, view) for view in (sync_view, works, to_thread, starts, nothing)]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def ask():
    async def ask(path):
        threads = ThreadPool(Handler(), 1)
        threads._app.load_middleware(is_async=True)
        async with threads.keep_threads():
            with record_thread_switches() as seen:
                status = await Client().ask(threads, path=path, headers=[(b"host", b"testserver")])
        return status, seen

    return ask


@pytest.mark.parametrize(
    ("path", "switches"),
    [
        ("/sync_view", [f"{__name__}.sync_view at {line(sync_view)}"]),
        ("/works", [f"{__name__}.work at {line(works, 1)}"]),
        ("/to_thread", [f"{__name__}.work at {line(to_thread, 1)}"]),
        ("/starts", [f"{__name__}.work at {line(starts, 2)}"]),
        ("/nothing", []),
    ],
)
async def test_what_a_view_gives_to_a_thread_is_named_with_its_line(ask, path, switches):
    assert await ask(path) == (200, switches)


async def test_middleware_is_named_with_its_line(ask, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.SyncMiddleware"]
    assert await ask("/nothing") == (200, [f"{__name__}.SyncMiddleware at {line(SyncMiddleware)}"])


async def test_hooks_of_django_are_named_with_their_line(ask, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.gzip.GZipMiddleware"]
    _, (switch,) = await ask("/nothing")
    assert switch.startswith(
        "django.middleware.gzip.GZipMiddleware.process_response at django/middleware/gzip.py:"
    )


@pytest.mark.usefixtures("lifespan")
async def test_the_fixture_lets_the_work_run(thread_switches):
    assert await sync_to_async(threading.current_thread)() is not threading.main_thread()
    done = threading.Event()
    spawn_thread(done.set)
    assert await asyncio.to_thread(done.wait, 10)
    assert [switch.partition(" at ")[2] for switch in thread_switches if HERE in switch] != []
