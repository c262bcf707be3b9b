"""The example, from the request to the upstream: a service, a worker and an upstream, as processes."""

import json
import re

import pytest
from testproject import processes
from testproject.processes import seen, serving
from upstreams.core.httpx import httpx
from upstreams.testing.loopback import Loopback, http_response

pytestmark = pytest.mark.processes

NEWTON = {"text": "What we know is a drop.", "author": "Isaac Newton"}
TRACE = "0af7651916cd43dd8448eb211c80319c"
HEADERS = {
    "Host": "testserver",
    "X-Request-ID": "of-the-request",
    "traceparent": f"00-{TRACE}-b7ad6b7169203331-01",
}


@pytest.fixture
def upstream(loopback):
    """Asks for more time, once, than a call has."""
    busy = http_response({}, 503, {"retry-after": "2"})
    return loopback.on("/likes", busy).on("/likes", http_response({}))


@pytest.fixture
def collector():
    with Loopback() as collector:
        yield collector.on("/v1/traces", http_response(b""))


@pytest.fixture
def environment(environment, collector):
    return environment | {
        "DJANGO_SETTINGS_MODULE": "testproject.workers.whole",
        "QUOTES_TIMEOUT": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "NO_PROXY": "127.0.0.1",
    }


@pytest.fixture
def bearer(environment):
    return {"Authorization": f"Bearer {processes.token(environment)}"}


def test_a_favourite_is_announced_as_one_though_the_upstream_wants_to_wait(
    upstream, start, environment, bearer
):
    with serving(upstream, **environment) as service:
        url = f"{service.url}/v1/favourites"
        assert httpx.post(url, json=NEWTON, headers=HEADERS | bearer).status_code == 201
    worker = start()
    retried, succeeded = (json.loads(seen(worker, words)[-1]) for words in ("retrying in", "succeeded"))
    worker.terminate()
    worker.wait(60)
    first, second = upstream.requests
    assert first.headers["idempotency-key"] == second.headers["idempotency-key"] == retried["task_id"]
    assert float(re.search(r"retrying in (\S+) s", retried["event"])[1]) >= 2
    assert [one["request_id"] for one in (retried, succeeded)] == ["of-the-request"] * 2
    assert {one.headers["x-request-id"] for one in (first, second)} == {"of-the-request"}
    assert {one.headers["traceparent"].split("-")[1] for one in (first, second)} == {TRACE}
    assert (retried["upstream_calls"], succeeded["upstream_calls"]) == (1, 1)


def test_without_a_database_the_request_is_refused_in_one_line(loopback, environment):
    env = environment | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/none"}
    with serving(loopback, **env) as service:
        headers = HEADERS | {"Authorization": f"Bearer token_{'a' * 43}"}
        response = httpx.post(f"{service.url}/v1/favourites", json=NEWTON, headers=headers, timeout=30)
    logged = [line for line in service.rest.splitlines() if "the database cannot be used" in line]
    assert (response.status_code, response.json()["code"]) == (503, "DatabaseUnavailable")
    assert response.headers["content-type"] == "application/problem+json"
    assert len(logged) == 1
    assert loopback.requests == []
