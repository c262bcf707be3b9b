"""The wire over real sockets: its one client, its connections, and what each fault becomes."""

import asyncio

import pytest

from config.asgi import application
from services import (
    AnswerTooLarge,
    BrokenAnswer,
    UpstreamClosing,
    UpstreamTimeout,
    UpstreamUnreachable,
)
from services.core import connections
from services.core.http import httpx
from services.core.wire import Wire
from testing.lifespan import running
from testing.upstream import answer
from tests.quotes import quotes

QUOTE = {"text": "a", "author": "b"}
FOREIGN = answer({"text": "another caller's", "author": "secret"})


@pytest.mark.usefixtures("upstreams")
@pytest.mark.upstreams(quotes={})
async def test_a_thousand_requests_share_one_client_and_few_connections(loopback, monkeypatch):
    made = []

    def make_wire(definition):
        made.append(definition.alias)
        return Wire(definition)

    monkeypatch.setattr(connections, "make_wire", make_wire)
    loopback.on("/random", answer(QUOTE))
    at_once = 10

    async def some(client):
        return [(await client.get("/quotes/random")).status_code for _ in range(1000 // at_once)]

    transport = httpx.ASGITransport(application)
    async with (
        running(application),
        httpx.AsyncClient(transport=transport, base_url="http://testserver") as c,
    ):
        statuses = await asyncio.gather(*(some(c) for _ in range(at_once)))
    assert statuses == [[200] * 100] * at_once
    assert len(loopback.requests) == 1000
    assert made == ["quotes"]
    assert loopback.accepted <= at_once


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"MAX_CONNECTIONS": 3, "MAX_WAITING": 27})
async def test_no_more_connections_are_open_than_allowed(loopback):
    loopback.on("/random", answer(QUOTE))
    await asyncio.gather(*(quotes.random() for _ in range(30)))
    assert loopback.most_open <= 3


@pytest.mark.usefixtures("upstreams")
async def test_connections_close_with_the_lifespan(loopback):
    loopback.on("/random", answer(QUOTE))
    async with running(application):
        await quotes.random()
        assert loopback.open == 1
    await asyncio.wait_for(loopback.all_closed(), 5)


@pytest.mark.usefixtures("upstreams")
async def test_a_call_after_the_lifespan_is_refused(loopback):
    async with running(application):
        pass
    with pytest.raises(UpstreamClosing, match="quotes: GET random: its client is closed"):
        await quotes.random()


@pytest.mark.usefixtures("lifespan")
async def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request(loopback):
    loopback.on("/random", answer(QUOTE, headers={"set-cookie": "session=another-user"}))
    await quotes.random()
    await quotes.random()
    assert "cookie" not in loopback.requests[1].headers


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"TOTAL": 0.3, "MAX_BODY": 100, "ATTEMPTS": 1})
@pytest.mark.parametrize(
    ("steps", "error", "point"),
    [
        (["reset"], UpstreamUnreachable, "fresh"),
        (["close"], UpstreamUnreachable, "fresh"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "close"], UpstreamUnreachable, "body"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "reset"], UpstreamUnreachable, "body"),
        ([b"220 smtp ready\r\n\r\n", "close"], BrokenAnswer, None),
        ([answer(b"x" * 101)], AnswerTooLarge, None),
        (["hang"], UpstreamTimeout, None),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "hang"], UpstreamTimeout, None),
    ],
    ids=["reset", "close", "cut", "reset in body", "not http", "too large", "hang", "hang in body"],
)
async def test_a_fault_has_its_type(loopback, steps, error, point):
    loopback.on("/random", *steps)
    with pytest.raises(error) as caught:
        await quotes.random()
    assert getattr(caught.value, "point", None) == point
    assert caught.value.__cause__ is None


@pytest.mark.usefixtures("lifespan", "loopback")
@pytest.mark.upstreams(quotes={"BASE_URL": "http://127.0.0.1:9"})
async def test_a_refused_connection_names_the_host():
    with pytest.raises(UpstreamUnreachable, match=r"cannot connect to 127\.0\.0\.1:9") as caught:
        await quotes.get("random", params={"token": "secret"})
    assert caught.value.point == "connect"
    assert "secret" not in repr(caught.value)
