"""Pages of other origins: which of them may use the API, and what they get to see."""

import pytest
from upstreams import open_clients
from upstreams.asgi import cors
from upstreams.asgi.application import get_asgi_application
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan

APP = "https://app.test"
PREFLIGHT = {
    "Access-Control-Request-Method": "POST",
    "Access-Control-Request-Headers": "authorization, content-type, idempotency-key, x-request-id",
}


@pytest.fixture
async def browser(upstreams, upstream_mock, settings):
    """A client of the service, started with an origin that it trusts."""
    settings.UPSTREAMS_CORS_ALLOWED_ORIGINS = [APP]
    application = get_asgi_application(lifespan=[open_clients])
    transport = httpx.ASGITransport(app=application)
    async with (
        run_lifespan(application),
        httpx.AsyncClient(
            transport=transport, base_url="http://testserver", headers={"Origin": APP}
        ) as client,
    ):
        yield client


async def test_a_page_may_send_json_and_a_token_and_no_cookies(browser):
    response = await browser.options("/v1/any", headers=PREFLIGHT)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == APP
    assert "POST" in response.headers["access-control-allow-methods"]
    assert {"Authorization", "Content-Type"} < set(
        response.headers["access-control-allow-headers"].split(", ")
    )
    assert "access-control-allow-credentials" not in response.headers


async def test_a_page_sees_an_answer_and_its_request_id(browser, upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    response = await browser.get("/quotes/random")
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (200, APP)
    assert "X-Request-ID" in response.headers["access-control-expose-headers"]
    assert "Origin" in response.headers["vary"]


@pytest.mark.parametrize(
    ("headers", "status"), [({}, 404), ({"Content-Length": "99999999"}, 413)], ids=["Django's", "admission's"]
)
async def test_a_page_sees_why_it_is_refused(browser, headers, status):
    response = await browser.get("/v1/nothing", headers=headers)
    assert (response.status_code, response.headers["access-control-allow-origin"]) == (status, APP)
    assert response.json()["status"] == status


async def test_a_page_of_another_origin_sees_nothing(browser):
    origin = {"Origin": "https://evil.test"}
    preflight = await browser.options("/v1/any", headers=PREFLIGHT | origin)
    answer = await browser.get("/v1/nothing", headers=origin)
    assert preflight.status_code == 400
    assert "access-control-allow-origin" not in preflight.headers
    assert "access-control-allow-origin" not in answer.headers


def test_without_origins_there_is_no_layer():
    app = object()
    assert cors.allow_origins(app, []) is app
