"""Metrics of upstream calls."""

import asyncio
from contextlib import suppress

import pytest
from testproject.quotes import Quote, quotes
from upstreams import (
    Upstream,
    UpstreamCircuitOpen,
    UpstreamError,
    UpstreamPoolExhausted,
)
from upstreams.testing.loopback import http_response

from metrics.scraping import scrape

QUOTE = {"text": "a", "author": "b"}
OPEN = 'upstream_breaker_state{alias="quotes",state="open"}'
CLOSED = 'upstream_breaker_state{alias="quotes",state="closed"}'
IN_USE = 'upstream_connections{alias="quotes",state="in_use"}'


def of(name):
    return name + '{alias="quotes"}'


def outcome(name):
    return 'upstream_calls_total{alias="quotes",outcome="' + name + '"}'


class Gate:
    """Holds responses back, and lets a test wait until a request has arrived."""

    def __init__(self):
        self.arrived = asyncio.Barrier(2)
        self.open = asyncio.Event()

    async def __call__(self, request):
        await self.arrived.wait()
        await self.open.wait()


async def test_a_call_is_counted(upstream_mock, grown):
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.random()
    now = await grown()
    assert now[of("upstream_attempts_total")] == 1
    assert now[of("upstream_retries_total")] == 0
    assert now[of("upstream_call_duration_seconds_count")] == 1
    assert now[of("upstream_call_duration_seconds_sum")] > 0
    assert now[of("upstream_queue_wait_seconds_count")] == 0
    assert now[outcome("ok")] == 1


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 4, "BACKOFF": 1e-9})
async def test_a_retry_is_counted_and_spends_its_budget(upstream_mock, grown):
    upstream_mock("quotes").get("random").fail("refused").fail("refused").fail("refused").json(QUOTE)
    await quotes.random()
    now = await grown()
    assert now[of("upstream_attempts_total")] == 4
    assert now[of("upstream_retries_total")] == 3
    assert now[outcome("ok")] == 1
    assert now[of("upstream_retry_budget")] < 0


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1, "TIMEOUT": 0.05, "MAX_RESPONSE_SIZE": 10})
@pytest.mark.parametrize(
    ("script", "name"),
    [
        (lambda route: route.content("no", 404), "UpstreamStatusError"),
        (lambda route: route.content("{}"), "UpstreamDecodeError"),
        (lambda route: route.content("x" * 11), "UpstreamResponseTooLarge"),
        (lambda route: route.fail("refused"), "UpstreamConnectionError"),
        (lambda route: route.fail("hang"), "UpstreamTimeout"),
    ],
)
async def test_a_failed_call_is_counted_by_its_error(upstream_mock, grown, script, name):
    script(upstream_mock("quotes").get("random"))
    with pytest.raises(UpstreamError):
        await quotes.get("random", into=Quote)
    now = await grown()
    assert (now[outcome(name)], now[outcome("ok")]) == (1, 0)
    assert now[of("upstream_attempts_total")] == 1


async def test_a_cancelled_call_is_counted_as_cancelled(upstream_mock, grown):
    gate = Gate()
    upstream_mock("quotes").get("random").after(gate).json(QUOTE)
    call = asyncio.create_task(quotes.random())
    await gate.arrived.wait()
    call.cancel()
    await asyncio.wait([call])
    assert (await grown())[outcome("cancelled")] == 1


@pytest.mark.upstreams(quotes={"BREAKER_CONNECT_FAILURES": 5, "BREAKER_OPEN_TIME": 5, "MAX_ATTEMPTS": 1})
async def test_an_open_breaker_is_seen(upstream_mock, grown):
    upstream_mock("quotes").get("random").fail("refused")
    await asyncio.gather(*(quotes.random() for _ in range(5)), return_exceptions=True)
    with pytest.raises(UpstreamCircuitOpen):
        await quotes.random()
    now = await grown()
    assert (now[CLOSED], now[OPEN]) == (-1, 1)
    assert now[outcome("UpstreamCircuitOpen")] == 1
    assert now[of("upstream_attempts_total")] == 5


@pytest.mark.upstreams(quotes={"MAX_CONNECTIONS": 1, "QUEUE_SIZE": 1, "QUEUE_TIMEOUT": 60, "TIMEOUT": 60})
async def test_the_queue_is_seen(upstream_mock, grown):
    gate = Gate()
    upstream_mock("quotes").get("random").after(gate).json(QUOTE)
    first = asyncio.create_task(quotes.random())
    await gate.arrived.wait()
    second = asyncio.create_task(quotes.random())
    await asyncio.sleep(0)
    with pytest.raises(UpstreamPoolExhausted):
        await quotes.random()
    held = await grown()
    assert held[of("upstream_queue_waiting")] == 1
    assert held[outcome("UpstreamPoolExhausted")] == 1
    gate.open.set()
    await asyncio.gather(first, gate.arrived.wait(), second)
    now = await grown()
    assert now[of("upstream_queue_waiting")] == 0
    assert now[of("upstream_queue_wait_seconds_count")] == 1
    assert now[of("upstream_queue_wait_seconds_sum")] > 0


EXPORT = (b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n123", "hang")


@pytest.mark.parametrize(
    ("steps", "name"), [(EXPORT, "ok"), ([http_response("no", 404)], "UpstreamStatusError")]
)
async def test_a_stream_is_counted_at_its_headers(loopback, grown, steps, name):
    loopback.on("/export", *steps)
    with suppress(UpstreamError):
        async with quotes.stream("GET", "export"):
            assert (await grown())[outcome("ok")] == 1
    now = await grown()
    assert (now[outcome(name)], now[of("upstream_attempts_total")]) == (1, 1)
    assert now[IN_USE] == 0


@pytest.mark.usefixtures("upstream_mock", "grown")
async def test_an_unknown_alias_makes_no_series():
    with pytest.raises(UpstreamError):
        await Upstream("qoutes").get("random")
    assert not [series for series in await scrape() if "qoutes" in series]
