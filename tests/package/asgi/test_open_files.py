"""The limit of open files: what it leaves to connections, and a client that gets its end."""

import errno
import logging
import resource

import pytest
from django.urls import include, path
from upstreams import conf
from upstreams.asgi import loop_watchdog, open_files
from upstreams.asgi.open_files import ConnectionLimit, connection_limit, raise_limit

from asgi import raw_http

LIMIT = resource.RLIMIT_NOFILE


async def needs_a_file(request):
    raise OSError(errno.EMFILE, "Too many open files")


class urls_of_admin:
    app_name, urlpatterns = "admin", (path("file", needs_a_file),)


urlpatterns = [path("file", needs_a_file), path("pages/", include(urls_of_admin))]


@pytest.fixture
def of_files(monkeypatch):
    """Sets the soft limit for the time of a test, and 20 open ones."""
    soft, hard = resource.getrlimit(LIMIT)
    monkeypatch.setattr(open_files, "_open_now", lambda: 20)
    yield lambda number: resource.setrlimit(LIMIT, (number, hard))
    resource.setrlimit(LIMIT, (soft, hard))


@pytest.mark.parametrize(("limit", "connections"), [(10_000, 9_180), (1_024, 204), (120, 20)])
def test_each_request_in_flight_has_four_descriptors_besides_its_connection(of_files, limit, connections):
    assert conf.current().limits.max_requests == 200
    of_files(limit)
    assert ConnectionLimit().highest == connections


def test_the_soft_limit_becomes_the_hard_one(of_files):
    of_files(1_000)
    raise_limit()
    soft, hard = resource.getrlimit(LIMIT)
    assert soft == min(hard, open_files.HIGHEST_LIMIT)


async def test_a_connection_beyond_the_limit_is_closed_and_named_once(server, monkeypatch, caplog):
    monkeypatch.setitem(connection_limit.__dict__, "highest", 1)
    monkeypatch.setattr(connection_limit, "_last_line", -open_files.INTERVAL)
    kept, writer = await server.connect()
    for _ in range(3):
        refused, _ = await server.connect()
        assert await refused.read() == b""
    writer.write(raw_http.head(b"GET / HTTP/1.1"))
    assert (await kept.read()).startswith(b"HTTP/1.1 200")
    lines = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert [line.partition(";")[0] for line in lines] == [lines[0].partition(";")[0]]
    assert "connections are refused: 1 are open" in lines[0]


@pytest.mark.parametrize("fast_path", [True, False])
async def test_a_view_without_a_descriptor_is_a_503(aclient, settings, caplog, fast_path):
    settings.ROOT_URLCONF, settings.UPSTREAMS_FAST_PATH = __name__, fast_path
    response = await aclient.get("/file")
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.json()["code"] == "TooManyOpenFiles"
    assert (await aclient.get("/pages/file")).text == "<h1>Service Unavailable</h1><p>TooManyOpenFiles</p>"
    errors = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert {(one.getMessage(), one.exc_info) for one in errors if one.name != loop_watchdog.__name__} == {
        ("a file cannot be used: Too many open files", None)
    }


async def test_a_file_outside_of_django_is_a_503_too(serve, monkeypatch):
    async def application(scope, receive, send):
        raise OSError(errno.ENFILE, "Too many open files in system")

    monkeypatch.setattr("upstreams.asgi.application._django", lambda: (application, lambda: None))
    async with serve(lifespan=False) as client:
        response = await client.get("/static/a.css")
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")
    assert response.headers["content-type"] == "application/problem+json"
