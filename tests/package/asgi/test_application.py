"""The factory: what it refuses, and the order of its layers."""

import asyncio
import logging
from contextlib import contextmanager

import django
import pytest
from django.core.exceptions import ImproperlyConfigured
from upstreams import open_clients
from upstreams.asgi.application import get_asgi_application

QUOTE = {"text": "a", "author": "b"}


def access_lines(caplog):
    return [record for record in caplog.records if record.name == "upstreams.asgi.access_log"]


def test_without_the_app_it_refuses_in_one_sentence(settings):
    settings.INSTALLED_APPS = [name for name in settings.INSTALLED_APPS if name != "upstreams"]
    with pytest.raises(ImproperlyConfigured, match=r'^INSTALLED_APPS: add "upstreams"; .*needs it$'):
        get_asgi_application([open_clients])


@contextmanager
def other():
    yield


@pytest.mark.parametrize("lifespan", [[], [other], [other, open_clients]], ids=["empty", "missing", "second"])
def test_without_open_clients_first_it_refuses_in_one_sentence(lifespan):
    message = "^lifespan: the first entry must be open_clients, which all others may use$"
    with pytest.raises(ImproperlyConfigured, match=message):
        get_asgi_application(lifespan)


def test_a_wrong_setting_is_refused_in_one_sentence(settings):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": "soon"}
    with pytest.raises(ImproperlyConfigured, match=r'^UPSTREAMS_TIMEOUTS\["REQUEST"\]: expected a number'):
        get_asgi_application([open_clients])


def test_the_fast_path_is_refused_where_django_is_too_old(monkeypatch):
    monkeypatch.setattr(django, "VERSION", (5, 2, 19, "final", 0))
    with pytest.raises(ImproperlyConfigured, match=r"^UPSTREAMS_FAST_PATH: needs Django 6\.1 or newer, not "):
        get_asgi_application([open_clients])


async def test_without_the_fast_path_it_works_as_well(serve, settings):
    settings.UPSTREAMS_FAST_PATH = False
    async with serve() as client:
        assert (await client.get("/quotes/random")).json() == QUOTE


@pytest.mark.parametrize("probe", ["/livez", "/readyz"])
async def test_a_probe_is_answered_before_every_other_layer(serve, caplog, probe):
    headers = {"Host": "10.0.0.7", "Content-Length": "99999999"}
    async with serve() as client:
        with caplog.at_level(logging.INFO):
            response = await client.get(probe, headers=headers)
    assert (response.status_code, "x-request-id" in response.headers) == (200, False)
    assert access_lines(caplog) == []


async def test_metrics_are_read_outside_the_limits_and_the_log(serve, settings, caplog):
    settings.UPSTREAMS_METRICS_TOKEN = "token"
    headers = {"Authorization": "Bearer token", "Content-Length": "99999999"}
    async with serve() as client:
        with caplog.at_level(logging.INFO):
            response = await client.get("/metrics", headers=headers)
    assert (response.status_code, "x-request-id" in response.headers) == (200, False)
    assert access_lines(caplog) == []


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/v1/nothing", {}, 404),
        ("/v1/nothing", {"Content-Length": "99999999"}, 413),
        ("/v1/nothing", {"Host": "elsewhere.test"}, 400),
        ("/" + "x" * 9000, {}, 414),
    ],
    ids=["view", "admission", "host", "target"],
)
async def test_a_problem_has_the_request_id_and_its_line_in_the_log(serve, caplog, path, headers, status):
    async with serve() as client:
        with caplog.at_level(logging.INFO, "upstreams.asgi.access_log"):
            response = await client.get(path, headers={"X-Request-ID": "from-the-proxy", **headers})
    assert (response.status_code, response.json()["request_id"]) == (status, "from-the-proxy")
    assert response.headers["x-request-id"] == "from-the-proxy"
    assert [line.status for line in access_lines(caplog)] == [status]


async def test_a_preflight_request_is_logged_and_takes_no_slot(serve, settings, caplog, gate):
    settings.UPSTREAMS_CORS_ALLOWED_ORIGINS = ["https://app.test"]
    settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_REQUESTS": 1}
    headers = {"Origin": "https://app.test", "Access-Control-Request-Method": "GET"}
    async with serve() as client:
        with caplog.at_level(logging.INFO, "upstreams.asgi.access_log"):
            first = asyncio.create_task(client.get("/gate"))
            await gate.entered.wait()
            response = await client.options("/gate", headers=headers)
            gate.open.set()
            await first
    assert (response.status_code, "x-request-id" in response.headers) == (200, True)
    assert [line.status for line in access_lines(caplog)] == [200, 200]


async def test_static_files_are_served_before_django(serve, settings, tmp_path):
    (tmp_path / "site.css").write_text("a {}")
    settings.STATIC_ROOT, settings.STATIC_URL = tmp_path, "/files/"
    async with serve() as client:
        response = await client.get("/files/site.css", headers={"Host": "elsewhere.test"})
        refused = await client.get("/files/site.css", headers={"Content-Length": "99999999"})
    assert (response.text, "x-request-id" in response.headers) == ("a {}", True)
    assert refused.status_code == 413
