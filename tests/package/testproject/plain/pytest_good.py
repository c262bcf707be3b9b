"""Tests that pass: `pytest pytest_good.py`, with pytest-asyncio in its strict mode."""

import pytest
from upstreams.testing import http_response, mock_upstream

QUOTE = {"text": "a"}


def test_sync(client, upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    assert client.get("/sync").json() == QUOTE


def test_by_name(client):
    with mock_upstream("quotes") as upstream:
        upstream.get("random").json(QUOTE)
        assert client.get("/async").json() == QUOTE


def test_settings(client, upstream_mock, settings):
    upstream_mock("quotes").get("random").json(QUOTE)
    settings.UPSTREAMS = {"quotes": {"BASE_URL": "https://b.test"}}
    assert client.get("/async").json() == QUOTE
    assert upstream_mock("quotes").requests[0].url.host == "b.test"


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
def test_marker(client, upstream_mock):
    upstream_mock("quotes").get("random").content("", 503)
    assert client.get("/failing").status_code == 503
    assert len(upstream_mock("quotes").requests) == 1


def test_loopback(client, loopback, upstreams):
    loopback.on("/random", http_response(QUOTE))
    assert client.get("/async").json() == QUOTE
