"""Our ASGI handler: nothing of what Django promises is lost."""

import asyncio
import sys
from tempfile import SpooledTemporaryFile

import django
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.utils.deprecation import MiddlewareMixin
from testproject.driver import Client
from upstreams import fastpath
from upstreams.asgi.application import get_asgi_application
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.inline_middleware import InlineMiddleware
from upstreams.fastpath.request import Request
from upstreams.fastpath.thread_pool import ThreadPool

HOST = {"headers": [(b"host", b"testserver")]}


async def test_a_message_that_has_no_place_is_an_error(app):
    client = Client({"type": "http.request"}, {"type": "http.request"})
    with pytest.raises(AssertionError, match="Invalid ASGI message after request body"):
        await client.ask(app, path="/waits", entered=asyncio.Event(), left=asyncio.Event(), **HOST)


@pytest.mark.parametrize("limit", [1, 100])
@pytest.mark.parametrize(
    "messages",
    [
        [{"type": "http.request", "body": b"one, two"}],
        [
            {"type": "http.request", "body": b"one, ", "more_body": True},
            {"type": "http.request", "body": b"two"},
        ],
    ],
    ids=["one message", "two messages"],
)
async def test_a_body_arrives_whole_whatever_its_size(app, settings, messages, limit):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = limit
    client = Client(*messages)
    assert await client.ask(app, path="/body", **HOST) == 200
    assert client.body == b"one, two"


async def test_a_large_body_is_no_burden_to_memory(settings):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1
    with await Handler().read_body(Client({"type": "http.request", "body": b"ab"}).receive) as body:
        assert isinstance(body, SpooledTemporaryFile)


async def test_receivers_of_a_project_run_where_they_belong(app, receivers):
    client = Client()
    await client.ask(app, path="/sync", **HOST)
    view = client.body.decode()
    assert receivers == [("sync", view), ("async", "MainThread")] * 2


@pytest.mark.parametrize(
    ("hook", "path"),
    [
        ("process_request", "/plain"),
        ("process_view", "/plain"),
        ("process_exception", "/fails"),
        ("process_response", "/plain"),
    ],
)
async def test_a_middleware_that_fails_gives_a_500(handler, settings, monkeypatch, hook, path):
    def fail(*_):
        raise LookupError("in a middleware")

    monkeypatch.setattr(Broken, hook, fail, raising=False)
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.Broken"]
    assert await Client().ask(ThreadPool(handler(), 1), path=path, **HOST) == 500


class Broken(MiddlewareMixin):
    is_sync_safe = True


@pytest.mark.parametrize("hook", ["process_request", "process_response"])
@pytest.mark.parametrize("first", [True, False])
async def test_so_does_one_of_several_in_a_row_and_those_around_it_see_the_answer(
    handler, settings, monkeypatch, hook, first
):
    def fail(*_):
        raise LookupError("in a middleware")

    monkeypatch.setattr(BrokenInline, hook, fail, raising=False)
    broken, around = f"{__name__}.BrokenInline", f"{__name__}.Around"
    settings.MIDDLEWARE = (
        [broken, around]
        if first
        else [around, broken, "upstreams.asgi.problem_details.ProblemDetailsMiddleware"]
    )
    client = Client()
    assert await client.ask(ThreadPool(handler(), 1), path="/plain", **HOST) == 500
    assert (b"X-Around" in client.headers) is not first


async def test_one_of_several_in_a_row_answers_for_those_behind_it(handler, settings, monkeypatch):
    monkeypatch.setattr(
        BrokenInline, "process_request", lambda *_: HttpResponse("instead", status=418), raising=False
    )
    monkeypatch.setattr(BrokenInline, "process_response", lambda self, _, response: response, raising=False)
    around = f"{__name__}.Around"
    settings.MIDDLEWARE = [around, f"{__name__}.BrokenInline", f"{__name__}.Never"]
    client = Client()
    assert await client.ask(ThreadPool(handler(), 1), path="/plain", **HOST) == 418
    assert b"X-Around" in client.headers


class BrokenInline(InlineMiddleware):
    pass


class Around(InlineMiddleware):
    def process_response(self, request, response):
        response["X-Around"] = "here"
        return response


class Never(InlineMiddleware):
    def process_request(self, request):
        raise AssertionError("it was asked")


@pytest.mark.parametrize(("fast", "kind"), [(True, Request), (False, ASGIRequest)])
async def test_ours_serves_only_if_asked_for(settings, fast, kind):
    settings.UPSTREAMS_FAST_PATH = fast
    seen = {}
    assert await Client().ask(get_asgi_application(), path="/kind", seen=seen, **HOST) == 200
    assert seen == {"kind": kind}


@pytest.mark.parametrize("fast", [True, False])
def test_views_are_imported_before_the_first_request(settings, monkeypatch, fast):
    settings.UPSTREAMS_FAST_PATH, settings.ROOT_URLCONF = fast, "fastpath.urls"
    monkeypatch.delitem(sys.modules, "fastpath.urls", raising=False)
    get_asgi_application()
    assert "fastpath.urls" in sys.modules


@pytest.mark.parametrize("version", [(5, 2, 8, "final", 0), (6, 0, 0, "final", 0)])
def test_an_older_django_is_refused_in_one_sentence(monkeypatch, version):
    monkeypatch.setattr(django, "VERSION", version)
    with pytest.raises(ImproperlyConfigured) as caught:
        fastpath.check_django_version()
    assert str(caught.value) == (
        "UPSTREAMS_FAST_PATH: needs Django 6.1 or newer, "
        f"not {django.get_version()}; upgrade Django or set it to False"
    )


def test_this_django_is_new_enough():
    fastpath.check_django_version()
