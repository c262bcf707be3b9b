"""What the clients hold: connections, of each loop, sampled."""

import asyncio

import pytest
from prometheus_client import REGISTRY
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams.clients import loop_clients, metrics_sampler, pools
from upstreams.testing.lifespan import run_lifespan
from upstreams.testing.loopback import http_response
from upstreams.transport.http1_transport import HTTP1Transport

from metrics.scraping import comes_to, scrape

QUOTE = {"text": "a", "author": "b"}
CLOSED = 'upstream_breaker_state{alias="quotes",state="closed"}'
IDLE = 'upstream_connections{alias="quotes",state="idle"}'
IN_USE = 'upstream_connections{alias="quotes",state="in_use"}'
AGE = 'upstream_connection_age_seconds{alias="quotes"}'


@pytest.mark.usefixtures("lifespan")
async def test_a_connection_is_in_use_and_then_idle(loopback):
    loopback.on("/export", b"HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\n123", "hang")
    async with quotes.stream("GET", "export") as response:
        held = await scrape()
        loopback.push(b"456")
        await response.aread()
    now = await scrape()
    assert (held[IN_USE], held[IDLE]) == (1, 0)
    assert (now[IN_USE], now[IDLE]) == (0, 1)


@pytest.mark.usefixtures("lifespan")
async def test_a_connection_that_the_upstream_closed_is_not_open(loopback):
    loopback.on("/random", http_response(QUOTE), "close")
    await quotes.random()
    now = await comes_to(IDLE, 0)
    assert (now[IN_USE], now[AGE]) == (0, 0)


@pytest.mark.usefixtures("upstreams")
async def test_a_connection_has_an_age_until_it_closes(loopback, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(
        loop_clients, "make_transport", lambda definition: HTTP1Transport(definition, clock=lambda: now)
    )
    loopback.on("/random", http_response(QUOTE))
    async with run_lifespan(application):
        await quotes.random()
        now += 30
        assert (await scrape())[AGE] == 30
    assert REGISTRY.get_sample_value("upstream_connection_age_seconds", {"alias": "quotes"}) == 0


@pytest.mark.usefixtures("upstream_mock")
async def test_what_has_closed_holds_nothing():
    async with run_lifespan(application):
        assert (await scrape())[CLOSED] == 1
    assert (await scrape())[CLOSED] == 0


@pytest.mark.usefixtures("upstream_mock", "lifespan")
async def test_the_clients_of_all_loops_add_up():
    def of_two_loops():
        async def main():
            async with metrics_sampler.sample_metrics(), pools.open_clients():
                return (await scrape())[CLOSED]

        return asyncio.run(main())

    metrics_sampler.sample()
    assert await asyncio.to_thread(of_two_loops) == 2
    assert (await scrape())[CLOSED] == 1


async def test_the_gauges_are_set_again_and_again(monkeypatch):
    samples = asyncio.Queue()
    monkeypatch.setattr(metrics_sampler, "SAMPLE_INTERVAL", 0)
    monkeypatch.setattr(metrics_sampler, "sample", lambda: samples.put_nowait("sample"))
    async with asyncio.timeout(5), metrics_sampler.sample_metrics():
        assert [await samples.get() for _ in range(3)] == ["sample"] * 3
