"""What the clients hold: connections, of each loop, sampled."""

import asyncio

import pytest
from prometheus_client import REGISTRY

from config.asgi import application
from services.core import connections, sampling
from services.core.wire import Wire
from testing.lifespan import running
from testing.upstream import answer
from tests.metrics.scraping import comes_to, scrape
from tests.quotes import quotes

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
    loopback.on("/random", answer(QUOTE), "close")
    await quotes.random()
    now = await comes_to(IDLE, 0)
    assert (now[IN_USE], now[AGE]) == (0, 0)


@pytest.mark.usefixtures("upstreams")
async def test_a_connection_has_an_age_until_it_closes(loopback, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(connections, "make_wire", lambda definition: Wire(definition, clock=lambda: now))
    loopback.on("/random", answer(QUOTE))
    async with running(application):
        await quotes.random()
        now += 30
        assert (await scrape())[AGE] == 30
    assert REGISTRY.get_sample_value("upstream_connection_age_seconds", {"alias": "quotes"}) == 0


@pytest.mark.usefixtures("wire")
async def test_what_has_closed_holds_nothing():
    async with running(application):
        assert (await scrape())[CLOSED] == 1
    assert (await scrape())[CLOSED] == 0


@pytest.mark.usefixtures("wire", "lifespan")
async def test_the_clients_of_all_loops_add_up():
    def of_two_loops():
        async def main():
            async with sampling.sampled(), connections.opened():
                return (await scrape())[CLOSED]

        return asyncio.run(main())

    sampling.sample()
    assert await asyncio.to_thread(of_two_loops) == 2
    assert (await scrape())[CLOSED] == 1


async def test_the_gauges_are_set_again_and_again(monkeypatch):
    samples = asyncio.Queue()
    monkeypatch.setattr(sampling, "INTERVAL", 0)
    monkeypatch.setattr(sampling, "sample", lambda: samples.put_nowait("sample"))
    async with asyncio.timeout(5), sampling.sampled():
        assert [await samples.get() for _ in range(3)] == ["sample"] * 3
