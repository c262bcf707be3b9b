"""Tests that run in the project of docs/frameworks.md, by its kit and by the test clients of the frameworks."""

import django_bolt.testing
import starlette.testclient
from mysite import api, asgi, of_starlette
from upstreams.clients import registry
from upstreams.testing import mock_upstream

QUOTE = {"text": "a", "author": "b"}


async def test_the_fixtures_find_the_application(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    response = await aclient.get("/quote")
    assert response.json() == QUOTE


async def test_what_an_upstream_asks_to_wait_is_passed_on(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json({}, status=503, headers={"Retry-After": "70"})
    response = await aclient.get("/quote")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "70")


def test_starlettes_client_of_fastapi():
    assert get(starlette.testclient.TestClient(asgi.application)) == QUOTE
    assert registry.open_owners() == []


def test_starlettes_client():
    assert get(starlette.testclient.TestClient(of_starlette.application)) == QUOTE
    assert registry.open_owners() == []


def test_the_client_of_django_bolt():
    assert get(django_bolt.testing.TestClient(api.api)) == QUOTE


def get(client):
    with mock_upstream("quotes") as quotes, client:
        quotes.get("random").json(QUOTE)
        return client.get("/quote").json()
