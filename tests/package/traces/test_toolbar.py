"""The panel of django-debug-toolbar, in a project that has installed it."""

import json
import re

import pytest
from django.conf import settings as configured
from django.core.handlers.asgi import ASGIHandler
from django.test import AsyncClient, Client
from testproject.driver import Client as Browser
from upstreams.asgi.request_traces import record_requests
from upstreams.core.request_trace import recent

QUOTE = {"text": "a", "author": "b"}
PANEL = "upstreams.contrib.toolbar.UpstreamsPanel"


@pytest.fixture(autouse=True)
def toolbar(settings, urls):
    settings.INSTALLED_APPS = [*configured.INSTALLED_APPS, "debug_toolbar"]
    settings.MIDDLEWARE = ["debug_toolbar.middleware.DebugToolbarMiddleware"]
    settings.DEBUG_TOOLBAR_PANELS = ["debug_toolbar.panels.history.HistoryPanel", PANEL]
    settings.INTERNAL_IPS = ["127.0.0.1"]
    settings.ROOT_URLCONF = "traces.toolbar_urls"
    # Its models can be imported only now.
    from debug_toolbar import store

    yield store
    store.get_store().clear()


@pytest.fixture
def mock(lifespan, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)


async def panel(response):
    """The panel of a request, as the toolbar fetches it when it is opened, later."""
    query = {"request_id": response.headers["djdt-request-id"], "panel_id": "UpstreamsPanel"}
    return json.loads((await AsyncClient().get("/__debug__/render_panel/", query)).content)["content"]


async def test_the_panel_lists_the_calls_of_the_page(mock):
    response = await AsyncClient().get("/page")
    assert re.search(r"2 upstream calls in [^<]*, 1 duplicate", response.text)
    shown = await panel(response)
    assert shown.count("<code>GET random</code>") == 2
    assert "duplicate of 1" in shown


async def test_the_panel_needs_no_style_and_no_script_of_its_own(mock):
    shown = await panel(await AsyncClient().get("/page"))
    assert re.findall(r"style=|<style|<script| on\w+=", shown) == []
    assert "<svg" in shown


async def test_a_request_without_html_is_in_the_history(mock):
    first = await AsyncClient().get("/quotes/random")
    second = await AsyncClient().get("/nothing")
    assert first.headers["content-type"] == "application/json"
    assert (await panel(first)).count("<code>GET random</code>") == 1
    assert "No upstream calls." in await panel(second)
    assert "UpstreamsPanel_calls;dur=" in first.headers["server-timing"]


async def test_what_was_recorded_may_be_kept_in_another_process(settings, mock):
    settings.DEBUG_TOOLBAR_CONFIG = {"TOOLBAR_STORE_CLASS": "debug_toolbar.store.CacheStore"}
    assert "<code>GET random</code>" in await panel(await AsyncClient().get("/quotes/random"))


def test_a_sync_view_under_wsgi_has_its_calls(toolbar, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    response = Client().get("/sync/a")
    (call,) = toolbar.get_store().panel(response.headers["djdt-request-id"], "UpstreamsPanel")["calls"]
    assert (call["path"], call["status"]) == ("random", 200)


async def test_behind_the_layer_of_the_application_both_show_the_same(toolbar, mock):
    browser = Browser()
    scope = {"path": "/page", "headers": [(b"host", b"testserver")], "client": ["127.0.0.1", 1]}
    await browser.ask(record_requests(ASGIHandler()), **scope)
    shown = toolbar.get_store().panel(browser.headers[b"djdt-request-id"].decode(), "UpstreamsPanel")
    (trace,) = recent
    assert browser.headers[b"x-upstream-trace"].decode().endswith(f"/{trace.id}/")
    assert (shown["id"], len(shown["calls"])) == (trace.id, 2)


async def test_it_inserts_nothing_into_the_pages_whose_policy_forbids_its_files(mock):
    for path in ("/", "/__upstreams__/requests/"):
        assert "djDebug" not in (await AsyncClient().get(path)).text
