"""Guesses at a password are refused after some, by the client's address; everything else about a login stays."""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from axes.backends import AxesStandaloneBackend
from django.contrib.auth import aauthenticate, authenticate
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.test import Client, RequestFactory
from upstreams.asgi.too_many_requests import TooManyRequests
from upstreams.contrib import logins
from upstreams.contrib.logins import LimitLogins, client_address

LOGIN = "/admin/login/"
RIGHT, WRONG = ({"username": "ada", "password": password} for password in ("right", "wrong"))
SENTENCE = "too many failed logins from this address; try again in 10 minutes"


@pytest.fixture(autouse=True)
def limit(settings):
    settings.AUTHENTICATION_BACKENDS = ["upstreams.contrib.logins.LimitLogins"]
    settings.AXES_ENABLED = True
    settings.AXES_FAILURE_LIMIT = 3
    settings.AXES_COOLOFF_TIME = timedelta(minutes=10)
    settings.AXES_CLIENT_IP_CALLABLE = "upstreams.contrib.logins.client_address"


@pytest.fixture
def ada(db):
    return User.objects.create_superuser("ada", password="right")


def guess(times, address="203.0.113.9", **more):
    client = Client(REMOTE_ADDR=address)
    return [client.post(LOGIN, {**WRONG, **more}).status_code for _ in range(times)]


@pytest.mark.usefixtures("ada")
def test_after_the_limit_not_even_the_right_password_is_taken():
    assert guess(5) == [200, 200, 200, 429, 429]
    refused = Client(REMOTE_ADDR="203.0.113.9").post(LOGIN, RIGHT)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "600")
    assert refused.text == f"<h1>Too Many Requests</h1><p>{SENTENCE}</p>"


@pytest.mark.usefixtures("ada")
def test_other_addresses_log_in():
    guess(4)
    assert Client(REMOTE_ADDR="203.0.113.10").post(LOGIN, RIGHT).status_code == 302


@pytest.mark.usefixtures("ada")
def test_other_users_and_other_browsers_are_the_same_address():
    assert guess(2) + guess(1, username="bob") == [200, 200, 200]
    another = Client(REMOTE_ADDR="203.0.113.9", HTTP_USER_AGENT="another")
    assert another.post(LOGIN, {**WRONG, "username": "eve"}).status_code == 429


@pytest.mark.usefixtures("ada")
def test_the_limit_ends(settings):
    guess(4)
    settings.AXES_COOLOFF_TIME = timedelta(0)
    assert Client(REMOTE_ADDR="203.0.113.9").post(LOGIN, RIGHT).status_code == 302


@pytest.mark.usefixtures("ada")
def test_a_refusal_compares_no_password_and_writes_nothing(django_assert_num_queries):
    guess(4)
    client = Client(REMOTE_ADDR="203.0.113.9")
    with django_assert_num_queries(1):
        client.post(LOGIN, WRONG)


@pytest.mark.usefixtures("ada")
def test_a_limit_without_an_end_says_who_can_help(settings):
    settings.AXES_COOLOFF_TIME = None
    guess(3)
    refused = Client(REMOTE_ADDR="203.0.113.9").post(LOGIN, RIGHT)
    assert "an administrator can unlock it" in refused.text
    assert "Retry-After" not in refused.headers


@pytest.mark.usefixtures("ada")
def test_a_login_without_a_request_has_no_limit():
    assert authenticate(**RIGHT).username == "ada"
    assert Client().login(**RIGHT)


async def test_async_code_is_limited_too(async_db):
    await User.objects.acreate_user("ada", password="right")
    request = RequestFactory().post(LOGIN, RIGHT)
    assert (await aauthenticate(request, **RIGHT)).username == "ada"
    await sync_to_async(guess)(3, "127.0.0.1")
    with pytest.raises(Exception, match=SENTENCE):
        await aauthenticate(RequestFactory().post(LOGIN), **RIGHT)


@pytest.mark.usefixtures("ada")
def test_the_log_has_neither_names_nor_more_than_warnings(caplog):
    guess(5, username="canary")
    assert "Locking out" in caplog.text
    assert "canary" not in caplog.text
    assert [one for one in caplog.records if one.levelno > logging.WARNING] == []


def test_so_many_passwords_are_compared_at_once(monkeypatch):
    compared, release = threading.Semaphore(0), threading.Event()

    def compare(*_, **__):
        compared.release()
        assert release.wait(10)

    monkeypatch.setattr(ModelBackend, "authenticate", compare)
    monkeypatch.setattr(AxesStandaloneBackend, "authenticate", lambda *_, **__: None)
    requests = [RequestFactory().post(LOGIN, REMOTE_ADDR="203.0.113.9") for _ in range(4)]
    with ThreadPoolExecutor() as threads:
        running = [threads.submit(LimitLogins().authenticate, request) for request in requests[:3]]
        assert all(compared.acquire(timeout=10) for _ in running)
        with pytest.raises(TooManyRequests, match="at the same time; try again") as refused:
            LimitLogins().authenticate(requests[3])
        release.set()
    assert refused.value.retry_after == 1
    assert [one.result() for one in running] == [None, None, None]
    assert LimitLogins().authenticate(requests[3]) is None
    assert dict(logins._compared) == {}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("fe80::1%eth0", "fe80::"),
        ("", None),
        ("testserver", None),
    ],
)
def test_what_is_counted_by(address, counted):
    assert client_address(RequestFactory().get("/", REMOTE_ADDR=address)) == counted
