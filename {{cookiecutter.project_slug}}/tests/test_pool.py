"""The wire over real sockets."""

import asyncio

import pytest

from config.asgi import application
from services import AnswerTooLarge, BrokenAnswer, UpstreamClosing, UpstreamTimeout, UpstreamUnreachable
from services.core import connections
from services.core.http import httpx
from services.core.wire import Wire
from services.quotes import quotes
from testing.lifespan import running
from testing.upstream import answer

QUOTE = {"text": "a", "author": "b"}


@pytest.mark.usefixtures("upstreams")
async def test_a_thousand_requests_share_one_client_and_few_connections(loopback, monkeypatch):
    made = []

    def make_wire(definition):
        made.append(definition.alias)
        return Wire(definition)

    monkeypatch.setattr(connections, "make_wire", make_wire)
    loopback.on("/random", answer(QUOTE))
    at_once = 10

    async def some(client):
        return [(await client.get("/v1/quotes/random")).status_code for _ in range(1000 // at_once)]

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
@pytest.mark.upstreams(quotes={"MAX_CONNECTIONS": 3})
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


async def test_a_call_without_a_lifespan_says_what_to_run():
    with pytest.raises(UpstreamClosing, match=r"no lifespan has opened clients .* run `manage.py serve`"):
        await quotes.random()


@pytest.mark.usefixtures("lifespan")
async def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request(loopback):
    loopback.on("/random", answer(QUOTE, headers={"set-cookie": "session=another-user"}))
    await quotes.random()
    await quotes.random()
    assert "cookie" not in loopback.requests[1].headers


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"TOTAL": 0.2, "MAX_BODY": 100})
@pytest.mark.parametrize(
    ("steps", "error", "point"),
    [
        (["reset"], UpstreamUnreachable, "fresh"),
        (["close"], UpstreamUnreachable, "fresh"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "close"], UpstreamUnreachable, "body"),
        ([b"220 smtp ready\r\n\r\n", "close"], BrokenAnswer, None),
        ([answer(b"x" * 101)], AnswerTooLarge, None),
        (["hang"], UpstreamTimeout, None),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "hang"], UpstreamTimeout, None),
    ],
    ids=["reset", "close", "cut", "not http", "too large", "hang", "hang in body"],
)
async def test_a_fault_has_its_type(loopback, steps, error, point):
    loopback.on("/random", *steps)
    with pytest.raises(error) as caught:
        await quotes.random()
    assert getattr(caught.value, "point", None) == point
    assert caught.value.__cause__ is None


@pytest.mark.usefixtures("lifespan")
@pytest.mark.parametrize(
    "what",
    [
        pytest.param(
            "cannot connect to 127.0.0.1:9",
            marks=pytest.mark.upstreams(quotes={"BASE_URL": "http://127.0.0.1:9"}),
        ),
        pytest.param(
            "the name no.invalid does not resolve",
            marks=pytest.mark.upstreams(quotes={"BASE_URL": "https://no.invalid"}),
        ),
    ],
)
async def test_an_upstream_that_is_not_there_is_unreachable(loopback, what):
    with pytest.raises(UpstreamUnreachable, match=f"quotes: GET random: {what}") as caught:
        await quotes.random()
    assert caught.value.point == "connect"
