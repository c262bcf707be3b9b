"""Calls at the wrong place: the error names the right one."""

import importlib

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.apps import apps
from django.apps.registry import Apps
from django.dispatch import Signal
from django.http import HttpResponse
from django.template import Context, Engine, Library
from django.urls import path
from testproject.quotes import quotes

if not apps.is_installed("django.contrib.admin"):
    pytest.skip("the URLs need the settings of Django 6.1", allow_module_level=True)
urls = importlib.import_module("testproject.urls")

QUOTE = {"text": "a", "author": "b"}
CALL = "async_to_sync(quotes.random)()"
IMPORTS = """
import asyncio
from asgiref.sync import async_to_sync
from testproject.quotes import quotes
from upstreams import spawn
"""
APP = """
from django.apps import AppConfig

class Early(AppConfig):
    name = "early_app"

    def ready(self):
        {call}
"""
PLACES = "call it in the view, task or command that needs it, or .* in on_startup of the upstream"
register = Library()
loved = Signal()


@register.simple_tag
def quote():
    return async_to_sync(quotes.random)().text


loved.connect(receiver := lambda **_: quote())


async def in_a_template(request):
    return HttpResponse(render())


async def in_a_template_in_a_thread(request):
    return HttpResponse(await sync_to_async(render)())


async def in_a_receiver(request):
    loved.send(None)


async def in_a_receiver_in_a_thread(request):
    await loved.asend(None)
    return HttpResponse("a")


def render():
    engine = Engine(libraries={"tags": __name__})
    return engine.from_string("{% load tags %}{% quote %}").render(Context())


urlpatterns = [
    *urls.urlpatterns,
    path("template", in_a_template),
    path("template-in-a-thread", in_a_template_in_a_thread),
    path("receiver", in_a_receiver),
    path("receiver-in-a-thread", in_a_receiver_in_a_thread),
]


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a module that can be imported in this test only."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def write(name, text):
        monkeypatch.delitem(importlib.sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(text)
        importlib.invalidate_caches()

    return write


@pytest.mark.usefixtures("upstream_mock")
@pytest.mark.parametrize("call", [CALL, "asyncio.run(quotes.random())", "spawn(quotes.random())"])
def test_a_call_at_import_is_told_where_to_go(write, call):
    write("early", f"{IMPORTS}\n\n{call}\n")
    with pytest.raises(RuntimeError, match=rf"called by an import, in .*early\.py, line 8; {PLACES}"):
        importlib.import_module("early")


@pytest.mark.usefixtures("upstream_mock")
def test_a_call_of_a_function_at_import_is_told_where_to_go(write):
    write("early", f"{IMPORTS}\ndef fetch():\n    return {CALL}\n\nALL = fetch()\n")
    with pytest.raises(
        RuntimeError, match=r"upstream quotes: GET random: called by an import, in .*line 10;"
    ):
        importlib.import_module("early")


@pytest.mark.usefixtures("upstream_mock")
def test_a_call_in_ready_is_told_where_to_go(write):
    write("early_app", IMPORTS + APP.format(call=CALL))
    with pytest.raises(RuntimeError, match=rf"called by AppConfig\.ready, in .*line 13; {PLACES}"):
        Apps(["early_app.Early"])


def test_a_function_of_an_imported_module_may_call(write, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    write("late", f"{IMPORTS}\ndef fetch():\n    return {CALL}\n")
    assert importlib.import_module("late").fetch().author == "b"


@pytest.mark.parametrize("url", ["/template", "/receiver"])
async def test_sync_code_in_an_async_view_is_told_what_to_write(aclient, settings, caplog, url):
    settings.ROOT_URLCONF = __name__
    assert (await aclient.get(url)).status_code == 500
    note = " ".join(caplog.text.split())
    for part in (
        "`await quotes.random()`",
        "`await sync_to_async(render)(request, …)`",
        "`await signal.asend(…)`",
    ):
        assert part in note


@pytest.mark.parametrize("url", ["/template-in-a-thread", "/receiver-in-a-thread"])
async def test_what_it_is_told_works(aclient, settings, upstream_mock, url):
    settings.ROOT_URLCONF = __name__
    upstream_mock("quotes").get("random").json(QUOTE)
    assert (await aclient.get(url)).text == "a"
