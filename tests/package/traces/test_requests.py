"""The layer of the application: which requests are recorded, and where their header leads."""

import pytest
from upstreams.asgi.access_log import AccessLog
from upstreams.asgi.application import get_asgi_application
from upstreams.asgi.request_traces import RequestTraces, record_requests
from upstreams.core.request_trace import MAX_REQUESTS, recent

QUOTE = {"text": "a", "author": "b"}
PAGE = "/__upstreams__/requests/"


@pytest.fixture
async def client(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    return aclient


async def entry(client, path, **more):
    """What the header of a response leads to."""
    response = await client.get(path, **more)
    found = await client.get(response.headers["x-upstream-trace"], headers={"Accept": "application/json"})
    return found.json()


async def test_the_header_leads_to_the_calls_of_the_request(client):
    found = await entry(client, "/quotes/three?key=a-secret")
    assert (found["method"], found["route"], found["status"]) == ("GET", "/quotes/three", 200)
    assert [call["path"] for call in found["calls"]] == ["random"] * 3
    assert found["duplicates"] == 2
    assert "a-secret" not in str(found)


async def test_a_sync_view_has_its_calls_and_its_route(client):
    found = await entry(client, "/sync/a-secret")
    assert (found["route"], len(found["calls"])) == ("/sync/<str:text>", 1)


async def test_work_that_it_has_spawned_is_there_when_it_has_begun(client, background_done):
    response = await client.get("/spawning")
    await background_done()
    found = await client.get(response.headers["x-upstream-trace"], headers={"Accept": "application/json"})
    assert [call["in_background"] for call in found.json()["calls"]] == [True]


async def test_a_request_without_calls_or_route_has_an_entry_too(client):
    assert (await entry(client, "/nothing"))["calls"] == []
    missing = await entry(client, "/missing?key=a-secret")
    assert (missing["route"], missing["status"]) == ("/missing", 404)


async def test_a_view_that_fails_has_an_entry(client):
    assert (await entry(client, "/fails"))["status"] == 500


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}0/", "/static/a.css", "/__debug__/render_panel/"])
async def test_pages_of_its_own_and_files_are_not_listed(client, path):
    response = await client.get(path)
    assert "x-upstream-trace" not in response.headers
    assert list(recent) == []


async def test_the_last_fifty_are_kept(client):
    for _ in range(MAX_REQUESTS + 1):
        last = await client.get("/nothing")
    found = (await client.get(PAGE, headers={"Accept": "application/json"})).json()["requests"]
    assert len(found) == MAX_REQUESTS
    assert last.headers["x-upstream-trace"] == f"{PAGE}{found[0]['id']}/"


async def test_a_client_that_left_has_an_entry_without_a_status(urls):
    async def left(scope, receive, send):
        pass

    await record_requests(left)({"type": "http", "method": "GET", "path": "/sync/a-secret"}, None, None)
    (trace,) = recent
    assert (trace.status, trace.ended is None, trace.route) == (None, False, "/sync/<str:text>")


async def test_below_a_prefix_the_header_has_it(urls):
    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(dict(message["headers"])[b"x-upstream-trace"])

    sent = []
    scope = {"type": "http", "method": "GET", "path": "/below/a", "root_path": "/below"}
    await record_requests(app)(scope, None, send)
    assert sent[0].startswith(b"/below/__upstreams__/requests/")


def layers(app):
    while (app := getattr(app, "_app", None)) is not None:
        yield app


def test_the_factory_records_under_debug_alone_and_only_for_the_page(settings, urls):
    made = get_asgi_application()
    (log,) = [layer for layer in layers(made) if isinstance(layer, AccessLog)]
    assert isinstance(log._app, RequestTraces)
    settings.ROOT_URLCONF = "testproject.urls"
    assert not [layer for layer in layers(get_asgi_application()) if isinstance(layer, RequestTraces)]
    settings.ROOT_URLCONF = "traces.urls"
    settings.DEBUG = False
    assert not [layer for layer in layers(get_asgi_application()) if isinstance(layer, RequestTraces)]
