"""What server/ adds around Django: probes, the request id, the access line, problems."""

import logging

import pytest
from django.http import HttpRequest
from upstreams import UpstreamError, UpstreamTimeout
from upstreams.asgi.health import HealthProbes
from upstreams.asgi.problem_details import ProblemDetailsMiddleware


@pytest.mark.parametrize(("path", "body"), [("/livez", "alive\n"), ("/readyz", "ready\n")])
async def test_a_probe_is_answered_whatever_the_host(aclient, path, body):
    response = await aclient.get(path, headers={"Host": "10.0.0.7:8000"})
    assert (response.status_code, response.text) == (200, body)


async def test_a_request_keeps_its_id_on_its_way(aclient, upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    response = await aclient.get("/quotes/random", headers={"X-Request-ID": "from-the-proxy"})
    assert response.headers["X-Request-ID"] == "from-the-proxy"
    assert upstream_mock("quotes").requests[0].headers["X-Request-ID"] == "from-the-proxy"


@pytest.mark.parametrize("forged", ["a b", "a\tb", "é", "x" * 65])
async def test_a_forged_id_is_replaced(aclient, forged):
    response = await aclient.get("/v1/nothing", headers={"X-Request-ID": forged.encode()})
    assert len(response.headers["X-Request-ID"]) == 32


async def test_the_line_says_what_the_upstreams_have_cost(aclient, upstream_mock, caplog):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    with caplog.at_level(logging.INFO, "upstreams.asgi.access_log"):
        await aclient.get("/quotes/three")
    (line,) = [record for record in caplog.records if record.name == "upstreams.asgi.access_log"]
    assert (line.route, line.status, line.upstream_calls) == ("/quotes/three", 200, 3)
    assert line.upstream_ms > 0


async def test_a_request_is_one_line_that_it_cannot_break(aclient, caplog):
    with caplog.at_level(logging.INFO, "upstreams.asgi.access_log"):
        response = await aclient.get("/v1/a%0Ab%20c?token=secret")
    (line,) = [record for record in caplog.records if record.name == "upstreams.asgi.access_log"]
    assert (line.method, line.route, line.path, line.status) == ("GET", "", "/v1/a%0Ab%20c", 404)
    assert line.bytes == len(response.content)


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        ("refused", 502, "UpstreamConnectionError"),
        ("reset_in_body", 502, "UpstreamConnectionError"),
        ("not_http", 502, "UpstreamProtocolError"),
    ],
)
@pytest.mark.parametrize("path", ["/quotes/random", "/quotes/three"])
async def test_a_failed_call_is_a_problem(aclient, upstream_mock, path, failure, status, code):
    upstream_mock("quotes").get("random").fail(failure)
    response = await aclient.get(path)
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == code
    assert response.json()["request_id"] == response.headers["X-Request-ID"]


@pytest.mark.upstreams(quotes={"TIMEOUT": 0.1})
async def test_an_upstream_that_hangs_is_a_504(aclient, upstream_mock, caplog):
    upstream_mock("quotes").get("random").fail("hang")
    response = await aclient.get("/quotes/random")
    assert (response.status_code, response.json()["code"]) == (504, "UpstreamTimeout")
    assert [record.name for record in caplog.records] == [
        "upstreams.asgi.problem_details",
        "upstreams.asgi.access_log",
    ]


def problem(error):
    return ProblemDetailsMiddleware(lambda request: None).process_exception(HttpRequest(), error)


def test_the_failure_of_a_group_is_that_of_its_first_call():
    group = ExceptionGroup("", [ExceptionGroup("", [UpstreamTimeout("late")]), UpstreamError("broken")])
    assert problem(group).status_code == 504


@pytest.mark.parametrize(
    "error", [ValueError("ours"), ExceptionGroup("", [UpstreamTimeout("late"), ValueError("ours")])]
)
def test_an_error_of_our_own_stays_one(error):
    assert problem(error) is None


def test_a_problem_says_when_to_come_back():
    assert problem(UpstreamError("busy", retry_after=0.2))["Retry-After"] == "1"
    assert problem(UpstreamError("busy", retry_after=float("9" * 309)))["Retry-After"] == "86400"


async def test_a_service_that_is_not_open_is_not_ready():
    sent = []

    async def send(message):
        sent.append(message)

    await HealthProbes(None, lambda: False)({"path": "/readyz"}, None, send)
    assert sent[0]["status"] == 503
