"""Who sees the metrics, and when."""

import asyncio
import threading

import pytest
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.asgi import metrics_endpoint
from upstreams.asgi.metrics_endpoint import MetricsEndpoint
from upstreams.core.httpx import httpx

TOKEN = "a-token-of-tests"


def page(token=TOKEN, public=False):
    layer = MetricsEndpoint(application, token=token, public=public, sample=lambda: None)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=layer), base_url="http://testserver")


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.usefixtures("lifespan")
@pytest.mark.parametrize(
    "headers",
    [{}, bearer(""), bearer(TOKEN[:-1]), bearer(TOKEN + "x"), {"Authorization": TOKEN}, {"Cookie": TOKEN}],
)
async def test_without_the_token_the_page_does_not_exist(headers):
    headers = {**headers, "X-Request-ID": "the-same"}
    async with page() as client:
        response = await client.get("/metrics", headers=headers)
        other = await client.get("/nothing", headers=headers)
    assert (response.status_code, response.text) == (404, other.text)


@pytest.mark.usefixtures("lifespan")
@pytest.mark.parametrize("headers", [{}, bearer("")])
async def test_where_there_is_no_token_nobody_sees_the_page(headers):
    async with page(token="") as client:
        assert (await client.get("/metrics", headers=headers)).status_code == 404


@pytest.mark.usefixtures("lifespan")
async def test_the_page_is_read_not_written():
    async with page() as client:
        assert (await client.post("/metrics", headers=bearer(TOKEN))).status_code == 404


@pytest.mark.usefixtures("lifespan")
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("*/*", "text/plain; version=0.0.4; charset=utf-8"),
        ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text; version=1.0.0"),
    ],
)
async def test_prometheus_gets_the_format_it_asks_for(accept, content_type):
    async with page() as client:
        response = await client.get("/metrics", headers=bearer(TOKEN) | {"Accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].startswith(content_type)
    assert "# TYPE http_requests_in_flight gauge" in response.text


@pytest.mark.usefixtures("lifespan")
async def test_no_request_waits_while_the_page_is_made(monkeypatch):
    began, go = asyncio.Event(), threading.Event()
    loop, registry = asyncio.get_running_loop(), metrics_endpoint.registry

    def slow():
        loop.call_soon_threadsafe(began.set)
        go.wait(5)
        return registry()

    monkeypatch.setattr(metrics_endpoint, "registry", slow)
    async with page(public=True) as client:
        reading = asyncio.create_task(client.get("/metrics"))
        await began.wait()
        assert (await client.get("/livez")).status_code == 200
        assert not reading.done()
        go.set()
        assert (await reading).status_code == 200


@pytest.mark.upstreams(
    quotes={"MAX_ATTEMPTS": 1, "AUTH": {"BEARER": "canary"}, "HEADERS": {"X-Api-Key": "canary"}}
)
async def test_the_page_holds_no_secret(aclient, upstream_mock):
    upstream_mock("quotes").on("POST", "users/canary").content("canary", 500, {"X-A": "canary"})
    with pytest.raises(UpstreamStatusError):
        await quotes.post("users/{id}", id="canary", params={"q": "canary"}, json={"q": "canary"})
    await aclient.request("CANARY", "/canary?q=canary", headers={"X-Request-ID": "canary"})
    async with page(public=True) as client:
        assert "canary" not in (await client.get("/metrics")).text.lower()
