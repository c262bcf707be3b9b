"""Clients that give up, flood, drip or lie."""

import asyncio
import concurrent.futures
from collections.abc import Callable

import pytest
from client import Watching
from crowd import load
from processes import wait_until
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})


@pytest.mark.row(
    "F19", "10,000 clients give up at 0 to 60 ms", plain="passes: httpx2 repairs the pool that httpx loses"
)
def test_clients_give_up(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", 0.03, GOOD)
    target = start(MAX_CONNECTIONS=100)
    with Watching(target, "/livez") as live:
        load("gives_up", target.port, "/call/faulty", 10_000, at_once=100)
        statuses = [response.status for response in target.many(100)]
    counts = target.get("/counts").json()
    assert statuses == [200] * 100
    assert not live.errors
    assert live.slowest() < 1  # the time that Kubernetes gives a probe
    assert counts["started"] - counts["finished"] == 1  # the one that asks


@pytest.mark.row(
    "F20", "a client gives up during a shielded POST", plain="passes: asyncio.shield protects it"
)
def test_client_gives_up_during_a_shielded_post(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", 0.5, GOOD)
    target = start()
    with pytest.raises(TimeoutError):
        asyncio.run(target.ask("/shielded", timeout=0.2, method="POST"))
    assert wait_until(lambda: target.get("/counts").json()["shielded"] == 1, 2)
    assert [request.method for request in faulty.requests] == ["POST"]


@pytest.mark.row("F30", "5,000 concurrent requests", plain="fails: it accepts all of them, and most time out")
def test_concurrent_requests(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", 0.5, GOOD)
    target = start(settings={"UPSTREAMS_TIMEOUTS": {"REQUEST": 5}})
    outcomes = load("waits", target.port, "/call/faulty", 5_000, at_once=5_000)
    after = target.get()

    accepted = [seconds for status, seconds, _ in outcomes if status == 200]
    assert {(status, has_retry_after) for status, _, has_retry_after in outcomes} <= {
        (200, False),
        (503, True),
    }
    assert accepted
    assert max(accepted) < 5.25
    assert (after.status, after.seconds < 1) == (200, True)


@pytest.mark.row("F31", "500 clients drip a body", plain="fails: it waits as long as they drip")
def test_dripped_bodies(start: Start) -> None:
    target = start(settings={"UPSTREAMS_LIMITS": {"BODY_TIMEOUT": 2}})
    with concurrent.futures.ThreadPoolExecutor(1) as pool, Watching(target, "/sleep?seconds=0") as good:
        outcomes = pool.submit(load, "drips", target.port, "/echo", 500, at_once=500).result()

    assert {status for status, _, _ in outcomes} <= {408, 503, None}
    assert max(seconds for _, seconds, _ in outcomes) < 3.5
    assert (good.errors, {response.status for response in good.responses}) == ([], {200})
