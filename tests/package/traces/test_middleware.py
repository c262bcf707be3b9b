"""The middleware that records requests where Django's own handlers serve them."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.core.handlers.asgi import ASGIHandler
from django.test import AsyncClient, Client
from testproject.driver import Client as Browser
from upstreams.asgi.request_traces import record_requests
from upstreams.contrib.waterfall.middleware import WaterfallMiddleware
from upstreams.core import context
from upstreams.core.request_trace import recent

QUOTE = {"text": "a", "author": "b"}
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def middleware(settings, urls):
    settings.MIDDLEWARE = ["upstreams.contrib.waterfall.middleware.WaterfallMiddleware"]


def test_a_sync_view_under_wsgi_is_recorded(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    response = Client().get("/sync/a-secret")
    found = Client().get(response.headers["x-upstream-trace"], headers=JSON).json()
    assert (found["route"], found["status"]) == ("/sync/<str:text>", 200)
    assert [call["status"] for call in found["calls"]] == [200]
    assert context.request_trace.get() is None


async def test_an_async_view_under_another_asgi_handler_is_recorded(lifespan, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    response = await AsyncClient().get("/quotes/three")
    found = (await AsyncClient().get(response.headers["x-upstream-trace"], headers=JSON)).json()
    assert (found["route"], len(found["calls"])) == ("/quotes/three", 3)


async def test_pages_of_its_own_are_not_listed(lifespan):
    await AsyncClient().get("/__upstreams__/requests/")
    assert list(recent) == []


async def test_behind_the_layer_of_the_application_it_does_nothing(lifespan):
    browser = Browser()
    scope = {"path": "/nothing", "headers": [(b"host", b"testserver")]}
    await browser.ask(record_requests(ASGIHandler()), **scope)
    assert [name for name, _ in browser.sent[0]["headers"]].count(b"x-upstream-trace") == 1
    assert len(recent) == 1


async def test_the_layer_needs_no_middleware_for_the_pattern_of_a_url(lifespan, upstream_mock, settings):
    settings.MIDDLEWARE = []
    upstream_mock("quotes").get("random").json(QUOTE)
    scope = {"path": "/sync/a-secret", "headers": [(b"host", b"testserver")]}
    await Browser().ask(record_requests(ASGIHandler()), **scope)
    assert [(trace.route, trace.status) for trace in recent] == [("/sync/<str:text>", 200)]


def test_without_debug_or_without_the_page_it_is_not_used(settings):
    settings.DEBUG = False
    with pytest.raises(MiddlewareNotUsed):
        WaterfallMiddleware(None)
    settings.DEBUG, settings.ROOT_URLCONF = True, "testproject.urls"
    with pytest.raises(MiddlewareNotUsed):
        WaterfallMiddleware(None)


def test_the_page_names_it_where_nothing_records(settings):
    assert "None yet" in Client().get("/__upstreams__/requests/").text
    settings.MIDDLEWARE = []
    shown = Client().get("/__upstreams__/requests/").text
    assert "needs <code>upstreams.contrib.waterfall.middleware.WaterfallMiddleware</code>" in shown
