"""The line of the access log names what took a thread."""

import logging
from io import BytesIO

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse
from django.urls import path
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from testproject.driver import Client
from upstreams.asgi.access_log import AccessLog
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.thread_pool import ThreadPool

HOOKS = "django.middleware.gzip.GZipMiddleware.process_response"


class SyncMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


def function_middleware(get_response):
    def middleware(request):
        return get_response(request)

    return middleware


@never_cache
def sync_view(request):
    return HttpResponse()


class ClassView(View):
    @method_decorator(never_cache)
    def get(self, request):
        return HttpResponse()


async def async_view(request):
    return HttpResponse()


def work():
    pass


async def works(request):
    for _ in range(3):
        await sync_to_async(work)()
    return HttpResponse()


async def queries(request):
    await User.objects.filter(pk=0).aexists()
    return HttpResponse()


async def file(request):
    return FileResponse(BytesIO(b"a"))


def receiver(**_):
    pass


urlpatterns = [
    path("sync", sync_view),
    path("class", ClassView.as_view()),
    path("async", async_view),
    path("works", works),
    path("queries", queries),
    path("file", file),
]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def taken_by(caplog):
    """Sends a request and returns what its log line says."""

    async def ask(path):
        threads = ThreadPool(Handler(), 1)
        threads._app.load_middleware(is_async=True)
        async with threads.keep_threads():
            with caplog.at_level(logging.INFO, "upstreams.asgi.access_log"):
                await Client().ask(AccessLog(threads), path=path, headers=[(b"host", b"testserver")])
        (line,) = [record for record in caplog.records if record.name == "upstreams.asgi.access_log"]
        assert (line.status, line.route) == (200, path)
        return getattr(line, "thread_taken_by", None)

    return ask


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/sync", f"{__name__}.sync_view"),
        ("/class", f"{__name__}.ClassView"),
        ("/works", f"{__name__}.work"),
        ("/async", None),
    ],
)
async def test_a_view_is_named(taken_by, path, name):
    assert await taken_by(path) == name


async def test_a_query_is_named(taken_by, monkeypatch):
    def exists(_):
        return False

    monkeypatch.setattr(QuerySet, "exists", exists)
    assert await taken_by("/queries") == "django.db.models.query.QuerySet.exists"


async def test_a_response_that_closes_something_is_named(taken_by):
    assert (
        await taken_by("/file")
        == "django.http.response.FileResponse, django.http.response.FileResponse.close"
    )


@pytest.mark.parametrize(
    ("middleware", "name"),
    [
        (f"{__name__}.SyncMiddleware", f"{__name__}.SyncMiddleware"),
        (f"{__name__}.function_middleware", f"{__name__}.function_middleware.<locals>.middleware"),
        ("django.middleware.gzip.GZipMiddleware", HOOKS),
    ],
)
async def test_middleware_is_named(taken_by, settings, middleware, name):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, middleware]
    assert await taken_by("/async") == name


@pytest.mark.parametrize("signal", [request_started, request_finished], ids=["started", "finished"])
async def test_a_receiver_is_named(taken_by, signal):
    signal.connect(receiver)
    try:
        assert await taken_by("/async") == f"{__name__}.receiver"
    finally:
        signal.disconnect(receiver)


async def test_two_causes_are_both_named(taken_by, settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, "django.middleware.gzip.GZipMiddleware"]
    assert await taken_by("/sync") == f"{__name__}.sync_view, {HOOKS}"
