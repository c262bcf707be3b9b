"""Hooks of the stock middleware: where they run, and that they run in sync chains as they always did."""

import threading

import pytest
from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.sessions.backends.cache import SessionStore
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.test import AsyncClient
from django.test import Client as SyncClient
from django.urls import path
from testproject.driver import Client
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.middleware import CsrfViewMiddleware
from upstreams.fastpath.thread_pool import ThreadPool

pytestmark = pytest.mark.usefixtures("urls")
HOST = (b"host", b"testserver")
COOKIES = (b"cookie", b"csrftoken=" + b"a" * 32)
TOKEN = (b"x-csrftoken", b"a" * 32)
FORM = (b"content-type", b"application/x-www-form-urlencoded")
JSON = (b"content-type", b"application/json")


async def plain(request):
    return HttpResponse()


async def session(request):
    request.session["touched"] = True
    return HttpResponse()


async def message(request):
    messages.info(request, "touched")
    return HttpResponse()


async def token(request):
    return HttpResponse(get_token(request))


async def user(request):
    return HttpResponse(str((await request.auser()).is_authenticated))


def rejected(request, reason=""):
    return HttpResponse(threading.current_thread().name, "text/plain", 403)


urlpatterns = [
    path("plain", plain),
    path("session", session),
    path("message", message),
    path("token", token),
    path("user", user),
]


@pytest.fixture
def urls(settings):
    settings.ROOT_URLCONF = __name__
    settings.SESSION_ENGINE = "django.contrib.sessions.backends.cache"
    settings.CSRF_FAILURE_VIEW = f"{__name__}.rejected"


@pytest.fixture
async def app(urls, handler):
    executors = ThreadPool(handler(), 1)
    async with executors.keep_threads():
        yield executors


async def test_a_touched_session_is_saved_in_the_thread(app, noted):
    threads = noted(SessionStore, "save")
    assert await Client().ask(app, path="/session", headers=[HOST]) == 200
    assert set(threads) == {"request"}


@pytest.mark.parametrize("handler", [Handler])
async def test_a_session_that_nobody_reads_is_not_made(app, noted):
    made = noted(SessionStore, "__init__")
    assert await Client().ask(app, path="/plain", headers=[HOST]) == 200
    assert made == []


async def test_a_cookie_that_names_no_session_is_deleted(app):
    client = Client()
    assert await client.ask(app, path="/plain", headers=[HOST, (b"cookie", b"sessionid=short")]) == 200
    assert b'sessionid=""; expires=Thu, 01 Jan 1970' in client.headers[b"Set-Cookie"]


async def test_a_session_that_nobody_reads_is_saved_if_each_request_has_to(app, settings):
    settings.SESSION_SAVE_EVERY_REQUEST = True
    session = SessionStore()
    await session.aset("kept", True)
    await session.asave()
    client, cookie = Client(), (b"cookie", b"sessionid=" + session.session_key.encode())
    assert await client.ask(app, path="/plain", headers=[HOST, cookie]) == 200
    assert session.session_key.encode() in client.headers[b"Set-Cookie"]


async def test_touched_messages_are_stored_in_the_thread(app, settings, noted):
    settings.MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
    threads = noted(SessionStore, "__setitem__")
    assert await Client().ask(app, path="/message", headers=[HOST]) == 200
    assert threads == ["request"]


@pytest.mark.parametrize(("kind", "thread"), [(FORM, "request"), (JSON, "MainThread")])
async def test_a_form_is_parsed_in_the_thread(app, noted, kind, thread):
    threads = noted(HttpRequest, "_load_post_and_files")
    headers = [HOST, COOKIES, TOKEN, kind]
    assert await Client().ask(app, path="/plain", method="POST", headers=headers) == 200
    assert threads == [thread]


@pytest.mark.parametrize("kind", [FORM, JSON])
async def test_the_view_for_a_forged_request_runs_in_the_thread(app, kind):
    client = Client()
    assert await client.ask(app, path="/plain", method="POST", headers=[HOST, kind]) == 403
    assert client.body.startswith(b"request-")


class Trusting(CsrfViewMiddleware):
    """A project's own, which has the last word."""

    def process_view(self, request, *more):
        if request.headers.get("X-Partner"):
            return None
        return super().process_view(request, *more)


@pytest.mark.parametrize(("partner", "status"), [([(b"x-partner", b"1")], 200), ([], 403)])
async def test_a_subclass_may_see_it_differently(handler, settings, partner, status):
    ours = "upstreams.fastpath.middleware.CsrfViewMiddleware"
    settings.MIDDLEWARE = [name.replace(ours, f"{__name__}.Trusting") for name in settings.MIDDLEWARE]
    executors = ThreadPool(handler(), 1)
    headers = [HOST, FORM, *partner]
    assert await Client().ask(executors, path="/plain", method="POST", headers=headers) == status


async def test_a_secret_in_the_session_is_read_in_the_thread(app, settings, noted):
    settings.CSRF_USE_SESSIONS = True
    threads = noted(SessionStore, "get")
    assert await Client().ask(app, path="/plain", headers=[HOST]) == 200
    assert threads == ["request"]


async def test_a_secret_is_put_into_the_session_in_the_thread(app, settings, noted):
    settings.CSRF_USE_SESSIONS = True
    threads = noted(SessionStore, "__setitem__")
    assert await Client().ask(app, path="/token", headers=[HOST]) == 200
    assert threads == ["request"]


async def test_a_middleware_may_answer_instead_of_the_view(handler, settings):
    settings.SECURE_SSL_REDIRECT = True
    executors = ThreadPool(handler(), 1)
    assert await Client().ask(executors, path="/plain", headers=[HOST]) == 301


async def test_an_async_view_has_its_user(app):
    client = Client()
    assert await client.ask(app, path="/user", headers=[HOST]) == 200
    assert client.body == b"False"


async def test_an_async_view_has_the_user_who_is_logged_in(app, async_db):
    browser = AsyncClient()
    await browser.aforce_login(await User.objects.acreate_user("ada"))
    session = f"sessionid={browser.cookies['sessionid'].value}".encode()
    client = Client()
    assert await client.ask(app, path="/user", headers=[HOST, (b"cookie", session)]) == 200
    assert client.body == b"True"


@pytest.mark.parametrize("path", ["/plain", "/session", "/message"])
def test_a_sync_chain_works_as_ever(path):
    response = SyncClient().get(path)
    assert response.status_code == 200
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_a_sync_chain_refuses_forged_requests():
    assert SyncClient(enforce_csrf_checks=True).post("/plain").status_code == 403
