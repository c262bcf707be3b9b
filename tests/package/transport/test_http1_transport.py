"""The transport over real sockets: its one client, its connections, and what each fault becomes."""

import asyncio

import pytest
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import (
    UpstreamClosed,
    UpstreamConnectionError,
    UpstreamProtocolError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
)
from upstreams.clients import loop_clients
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan
from upstreams.testing.loopback import http_response
from upstreams.transport.http1_transport import HTTP1Transport

QUOTE = {"text": "a", "author": "b"}
FOREIGN = http_response({"text": "another caller's", "author": "secret"})


@pytest.mark.usefixtures("upstreams")
@pytest.mark.upstreams(quotes={})
async def test_a_thousand_requests_share_one_client_and_few_connections(loopback, monkeypatch):
    made = []

    def make_transport(definition):
        made.append(definition.alias)
        return HTTP1Transport(definition)

    monkeypatch.setattr(loop_clients, "make_transport", make_transport)
    loopback.on("/random", http_response(QUOTE))
    at_once = 10

    async def some(client):
        return [(await client.get("/quotes/random")).status_code for _ in range(1000 // at_once)]

    transport = httpx.ASGITransport(application)
    async with (
        run_lifespan(application),
        httpx.AsyncClient(transport=transport, base_url="http://testserver") as c,
    ):
        statuses = await asyncio.gather(*(some(c) for _ in range(at_once)))
    assert statuses == [[200] * 100] * at_once
    assert len(loopback.requests) == 1000
    assert made == ["quotes"]
    assert loopback.accepted <= at_once


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"MAX_CONNECTIONS": 3, "QUEUE_SIZE": 27})
async def test_no_more_connections_are_open_than_allowed(loopback):
    loopback.on("/random", http_response(QUOTE))
    await asyncio.gather(*(quotes.random() for _ in range(30)))
    assert loopback.most_open <= 3


@pytest.mark.usefixtures("upstreams")
async def test_connections_close_with_the_lifespan(loopback):
    loopback.on("/random", http_response(QUOTE))
    async with run_lifespan(application):
        await quotes.random()
        assert loopback.open == 1
    await asyncio.wait_for(loopback.all_closed(), 5)


@pytest.mark.usefixtures("upstreams")
async def test_a_call_after_the_lifespan_is_refused(loopback):
    async with run_lifespan(application):
        pass
    with pytest.raises(UpstreamClosed, match="quotes: GET random: its client is not open: it has closed"):
        await quotes.random()


@pytest.mark.usefixtures("lifespan")
async def test_a_cookie_of_one_answer_is_not_sent_with_the_next_request(loopback):
    loopback.on("/random", http_response(QUOTE, headers={"set-cookie": "session=another-user"}))
    await quotes.random()
    await quotes.random()
    assert "cookie" not in loopback.requests[1].headers


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"TIMEOUT": 0.3, "MAX_RESPONSE_SIZE": 100, "MAX_ATTEMPTS": 1})
@pytest.mark.parametrize(
    ("steps", "error", "phase"),
    [
        (["reset"], UpstreamConnectionError, "send"),
        (["close"], UpstreamConnectionError, "send"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "close"], UpstreamConnectionError, "receive"),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "reset"], UpstreamConnectionError, "receive"),
        ([b"220 smtp ready\r\n\r\n", "close"], UpstreamProtocolError, None),
        ([http_response(b"x" * 101)], UpstreamResponseTooLarge, None),
        (["hang"], UpstreamTimeout, None),
        ([b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "hang"], UpstreamTimeout, None),
    ],
    ids=["reset", "close", "cut", "reset in body", "not http", "too large", "hang", "hang in body"],
)
async def test_a_fault_has_its_type(loopback, steps, error, phase):
    loopback.on("/random", *steps)
    with pytest.raises(error) as caught:
        await quotes.random()
    assert getattr(caught.value, "phase", None) == phase
    assert caught.value.__cause__ is None


@pytest.mark.usefixtures("lifespan", "loopback")
@pytest.mark.upstreams(quotes={"BASE_URL": "http://127.0.0.1:9"})
async def test_a_refused_connection_names_the_host():
    with pytest.raises(UpstreamConnectionError, match=r"cannot connect to 127\.0\.0\.1:9") as caught:
        await quotes.get("random", params={"token": "secret"})
    assert caught.value.phase == "connect"
    assert "secret" not in repr(caught.value)
