"""A mock responds by example, and fails as it was asked to by its page."""

import logging

import pytest
from upstreams.core.httpx import httpx
from upstreams.management.mocks.app import GARBAGE

from management.mocks.conftest import serving

pytestmark = pytest.mark.processes  # ports of this machine


def change(served, **form):
    return served.client.post(f"{served.page}/quotes", data=form)


def test_it_responds_by_example_and_logs_a_line(served, caplog):
    caplog.set_level(logging.INFO)
    response = served.client.get(f"{served.url}/random")
    assert (response.status_code, list(response.json())) == (200, ["text"])
    assert "quotes: GET /random 200, from tests/cassettes/test_quotes/test_all.yaml" in caplog.messages


def test_what_it_does_not_have_is_a_501_that_names_what_it_has(served):
    response = served.client.get(f"{served.url}/nothing?page=1")
    assert (response.status_code, response.headers["content-type"]) == (501, "application/problem+json")
    detail = response.json()["detail"]
    assert detail.startswith(
        "the mock of quotes has no GET /nothing?page=1; it has GET /random, GET /items?page=1"
    )


def test_a_head_has_no_body(served):
    assert served.client.head(f"{served.url}/random").status_code == 200


def test_a_client_of_oauth2_gets_a_token_whatever_else_fails(served):
    change(served, behavior="fail")
    token = served.client.post(f"{served.url}/__mock__/token", data={"grant_type": "client_credentials"})
    assert token.json()["access_token"] == "mock"


def test_it_fails_with_a_status(served):
    assert change(served, behavior="fail", status="500").text == "quotes: fail (500)\n"
    response = served.client.get(f"{served.url}/random")
    assert (response.status_code, response.json()["detail"]) == (
        500,
        f"the mock of quotes was asked to fail; {served.page} changes it",
    )


def test_it_fails_for_a_share_of_requests(served):
    change(served, behavior="fail", ratio="0.25")
    statuses = [served.client.get(f"{served.url}/random").status_code for _ in range(8)]
    assert statuses == [200, 200, 200, 503] * 2


def test_it_limits_the_rate(served):
    change(served, behavior="limit", seconds="7")
    response = served.client.get(f"{served.url}/random")
    assert (response.status_code, response.headers["retry-after"]) == (429, "7")


def test_it_is_slow(served):
    change(served, behavior="slow", seconds="60")
    with pytest.raises(httpx.ReadTimeout):
        served.client.get(f"{served.url}/random", timeout=0.1)
    change(served, behavior="slow", seconds="0.01")
    assert served.client.get(f"{served.url}/random").status_code == 200


def test_it_never_responds(served):
    change(served, behavior="hang")
    with pytest.raises(httpx.ReadTimeout):
        served.client.get(f"{served.url}/random", timeout=0.1)


def test_it_refuses_connections_until_it_is_asked_to_stop(project):
    with serving(project) as mock, httpx.Client(trust_env=False) as mock.client:
        change(mock, behavior="hang")
        change(mock, behavior="refuse")
        with pytest.raises(httpx.ConnectError):
            mock.client.get(f"{mock.url}/random")
        change(mock, behavior="normal")
        assert mock.client.get(f"{mock.url}/random").status_code == 200


def test_it_cuts_the_body(served, caplog):
    change(served, behavior="cut")
    with pytest.raises(httpx.RemoteProtocolError):
        served.client.get(f"{served.url}/random")
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]


def test_it_sends_garbage(served):
    change(served, behavior="garbage")
    response = served.client.get(f"{served.url}/random")
    assert response.headers["content-type"] == "application/json"
    assert response.content == GARBAGE
