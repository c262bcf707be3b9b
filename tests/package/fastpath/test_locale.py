"""Languages and conditional requests without a thread, and without one request's language in the next one."""

import asyncio

import pytest
from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext
from testproject.driver import Client
from upstreams.asgi import checks
from upstreams.fastpath.handler import Handler

HOST = (b"host", b"testserver")
OURS = "upstreams.fastpath.middleware"


async def greeting(request):
    await asyncio.sleep(0)
    return HttpResponse(gettext("Yes").encode())


def greeting_sync(request):
    return HttpResponse(gettext("Yes").encode())


urlpatterns = [path("greeting", greeting), path("greeting-sync", greeting_sync)]


@pytest.fixture(autouse=True)
def translated(settings):
    settings.ROOT_URLCONF = __name__
    settings.USE_I18N = True
    settings.LANGUAGES = [("en", "English"), ("de", "Deutsch")]
    settings.MIDDLEWARE = [
        *settings.MIDDLEWARE,
        f"{OURS}.LocaleMiddleware",
        f"{OURS}.ConditionalGetMiddleware",
    ]


async def ask(app, language, path="/greeting", *more):
    """Send a request in a task of its own, as a server does."""
    client = Client()
    headers = [HOST, (b"accept-language", language), *more]
    await asyncio.create_task(client.ask(app, path=path, headers=headers))
    return client


@pytest.mark.parametrize("path", ["/greeting", "/greeting-sync"])
async def test_each_request_has_its_own_language(app, path):
    german, english = await asyncio.gather(ask(app, b"de", path), ask(app, b"en", path))
    other = await ask(app, b"fr", path)
    assert [client.body for client in (german, english, other)] == [b"Ja", b"Yes", b"Yes"]
    assert german.headers[b"Content-Language"] == b"de"


@pytest.mark.parametrize("handler", [Handler])
async def test_neither_takes_a_thread(app, thread_switches):
    first = await ask(app, b"de")
    second = await ask(app, b"de", "/greeting", (b"if-none-match", first.headers[b"ETag"]))
    assert (first.body, second.body, second.status) == (b"Ja", b"", 304)
    assert thread_switches == []


def test_the_check_is_content():
    assert checks.requests_stay_off_threads() == []
