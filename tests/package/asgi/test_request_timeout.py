"""A view with a time of its own: its deadline, that of its calls, and what the log and the client see of it."""

import asyncio
import json
import logging

import pytest
from asgiref.sync import markcoroutinefunction
from django.urls import path
from testproject.driver import Client
from upstreams import request_timeout
from upstreams.asgi.application import get_asgi_application
from upstreams.core import request_timeout as request_timeout_module
from upstreams.core.request_timeout import key_of_route

from asgi import timed_operations
from asgi.gate import Gate

HOST = {"headers": [(b"host", b"testserver")]}
POST = {"method": "POST", "headers": [*HOST["headers"], (b"content-type", b"application/json")]}
DEFAULT = 'UPSTREAMS_TIMEOUTS["REQUEST"]'
ROUTES = {
    "reports:plain": 12,
    "reports:sync": 3,
    "asgi.timed_operations.plain": 12,
    "asgi.timed_operations.Plain": 12,
    "dispatch": 9,
    "timed:sync": 9,
}


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """Keep the times of these views from the system checks of other tests."""
    monkeypatch.setattr(request_timeout_module, "declared", {})


@pytest.fixture(params=[True, False], ids=["fast path", "stock"])
def serve(request, settings, upstreams):
    settings.UPSTREAMS_FAST_PATH = request.param
    settings.ROOT_URLCONF = timed_operations.__name__
    return get_asgi_application


async def limit_of(application, path, body=b"", **scope):
    client = Client({"type": "http.request", "body": body})
    assert await client.ask(application, path=path, **{**HOST, **scope}) == 200
    return client.body.decode()


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/async", "request_timeout(9)/request_timeout(9)"),
        ("/sync", "request_timeout(9)/request_timeout(9)"),
        ("/between", "request_timeout(9)"),
        ("/handlers", "request_timeout(9)"),
        ("/method", "request_timeout(9)"),
        ("/dispatch", "request_timeout(5)"),
        ("/as-view", "request_timeout(9)"),
        ("/api/async", '{"limit": "request_timeout(9)"}'),
        ("/api/decorated", '{"limit": "request_timeout(9)"}'),
        ("/unnamed", DEFAULT),
    ],
)
async def test_calls_inherit_the_deadline_of_the_decorator(serve, path, limit):
    assert await limit_of(serve(), path) == limit


async def test_a_decorator_of_a_method_counts_for_that_method(serve, settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Csrf" not in name]
    application = serve()
    assert await limit_of(application, "/handlers", **POST) == DEFAULT
    assert await limit_of(application, "/dispatch", **POST) == "request_timeout(9)"
    body = json.dumps({"limit": ""}).encode()
    assert json.loads(await limit_of(application, "/api/sync", body, **POST)) == {
        "limit": "request_timeout(9)"
    }


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/reports/7/plain", "reports:plain"),
        ("/reports/sync", "reports:sync"),
        ("/unnamed", "asgi.timed_operations.plain"),
        ("/unnamed-class", "asgi.timed_operations.Plain"),
        ("/dispatch", "dispatch"),
    ],
)
@pytest.mark.parametrize("is_sync", [False, True], ids=["", "behind sync middleware"])
async def test_the_setting_counts_before_any_decorator(serve, settings, path, name, is_sync):
    settings.UPSTREAMS_REQUEST_TIMEOUTS = ROUTES
    if is_sync:
        settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.SyncMiddleware"]
    assert await limit_of(serve(), path) == key_of_route(name)


async def test_the_setting_names_an_operation_of_ninja(serve, settings):
    settings.UPSTREAMS_REQUEST_TIMEOUTS = ROUTES
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Csrf" not in name]
    body = json.dumps({"limit": ""}).encode()
    assert json.loads(await limit_of(serve(), "/api/sync", body, **POST)) == {
        "limit": key_of_route("timed:sync")
    }


async def test_the_setting_names_a_page_of_the_admin(serve, settings):
    settings.UPSTREAMS_REQUEST_TIMEOUTS = {"admin:login": 12}
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, f"{__name__}.show_limit"]
    client = Client()
    assert await client.ask(serve(), path="/admin/login/", **HOST) == 200
    assert client.headers[b"X-Limit"] == b'UPSTREAMS_REQUEST_TIMEOUTS["admin:login"]'


class SyncMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)


def show_limit(get_response):
    async def middleware(request):
        response = await get_response(request)
        response["X-Limit"] = timed_operations.limit()
        return response

    return markcoroutinefunction(middleware)


show_limit.async_capable = True
show_limit.sync_capable = False


@pytest.fixture
def gate(serve, settings):
    gate = Gate()
    urls_of_test.urlpatterns = [
        path("decorated", request_timeout(0.05)(gate.view)),
        path("thread", request_timeout(0.05)(gate.sync_view)),
        path("named", gate.view, name="named"),
        path("longer", request_timeout(14)(gate.view)),
        path("longer-thread", request_timeout(14)(gate.sync_view)),
        path("default", gate.view),
    ]
    settings.ROOT_URLCONF = urls_of_test
    yield gate
    gate.open()


class urls_of_test:
    urlpatterns = ()


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/decorated", "request_timeout(0.05)"),
        ("/thread", "request_timeout(0.05)"),
        ("/named", 'UPSTREAMS_REQUEST_TIMEOUTS["named"]'),
        ("/default", 'UPSTREAMS_TIMEOUTS["REQUEST"]'),
    ],
)
async def test_the_client_and_the_log_learn_which_deadline_passed(serve, gate, settings, caplog, path, limit):
    settings.UPSTREAMS_REQUEST_TIMEOUTS = {"named": 0.05}
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 0.05 if path == "/default" else 15}
    client = Client()
    with caplog.at_level(logging.INFO, "upstreams.asgi.access_log"):
        request = asyncio.create_task(client.ask(serve(), path=path, **HOST))
        await client.got.wait()
        gate.open()
        await request
    problem = json.loads(client.body)
    assert (client.status, problem["detail"], problem["limit"]) == (504, "the request took too long", limit)
    (line,) = [record for record in caplog.records if record.name == "upstreams.asgi.access_log"]
    assert line.limit == limit


@pytest.mark.parametrize("path", ["/longer", "/longer-thread"])
async def test_a_longer_time_outlives_the_default(serve, gate, settings, path):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 1}
    asyncio.get_running_loop().call_later(1.3, gate.open)
    assert await Client().ask(serve(), path=path, **HOST) == 200


def test_a_decorated_view_runs_outside_of_requests_too():
    @request_timeout(30)
    def view(request):
        return request

    assert view("itself") == "itself"
