"""The line of the access log names what took a thread where Django's own handler serves."""

import logging
import threading

import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpResponse
from django.urls import path
from testproject.driver import Client
from upstreams.asgi.access_log import AccessLog
from upstreams.asgi.stock_threads import StockThreads

STOCK = "django.core.handlers.asgi.ASGIHandler"


class SyncMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


def sync_view(request):
    return HttpResponse()


async def async_view(request):
    return HttpResponse()


def thread_name():
    return threading.current_thread().name


async def two_names(request):
    names = {await sync_to_async(thread_name)(), await sync_to_async(thread_name)()}
    return HttpResponse(",".join(names))


urlpatterns = [path("sync", sync_view), path("async", async_view), path("names", two_names)]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware"]


@pytest.fixture
def ask(caplog):
    async def ask(path):
        client = Client()
        with caplog.at_level(logging.INFO, "upstreams.asgi.access_log"):
            app = AccessLog(StockThreads(ASGIHandler()))
            await client.ask(app, path=path, headers=[(b"host", b"testserver")])
        (line,) = [record for record in caplog.records if record.name == "upstreams.asgi.access_log"]
        return line.thread_taken_by, client.body.decode()

    return ask


@pytest.mark.parametrize(("path", "more"), [("/async", ""), ("/sync", f", {__name__}.sync_view")])
async def test_a_view_is_named_after_the_handler(ask, path, more):
    assert (await ask(path))[0] == STOCK + more


async def test_middleware_is_named_after_the_handler(ask, settings):
    settings.MIDDLEWARE = [f"{__name__}.SyncMiddleware"]
    assert (await ask("/async"))[0] == f"{STOCK}, {__name__}.SyncMiddleware"


async def test_a_request_has_one_thread_which_ends_with_it(ask):
    assert (await ask("/names"))[1] == "request_0"
    assert [one.name for one in threading.enumerate() if one.name.startswith("request")] == []
