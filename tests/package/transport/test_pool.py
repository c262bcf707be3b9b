"""Which pooled connections are used again, and by whom; and the look-ups of names."""

import asyncio
import socket
import threading

import pytest
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import (
    Upstream,
    UpstreamConnectionError,
)
from upstreams.clients import loop_clients
from upstreams.testing.lifespan import run_lifespan
from upstreams.testing.loopback import http_response
from upstreams.transport.http1_transport import HTTP1Transport

QUOTE = {"text": "a", "author": "b"}
FOREIGN = http_response({"text": "another caller's", "author": "secret"})


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1})
async def test_a_request_on_a_dead_reused_connection_is_not_sent_again_by_the_transport(loopback):
    loopback.on("/random", http_response(QUOTE)).on("/random", "close")
    await quotes.random()
    with pytest.raises(UpstreamConnectionError) as caught:
        await quotes.random()
    assert (caught.value.phase, caught.value.reused) == ("send", True)
    assert len(loopback.requests) == 2


@pytest.mark.usefixtures("lifespan")
async def test_an_answer_that_came_with_another_reaches_nobody(loopback):
    loopback.on("/random", http_response(QUOTE) + FOREIGN).on("/random", http_response(QUOTE))
    assert [(await quotes.random()).author for _ in range(2)] == ["b", "b"]


@pytest.mark.usefixtures("lifespan")
@pytest.mark.parametrize("rounds", [0, 20], ids=["unread by the loop", "read by the loop"])
async def test_an_answer_that_came_to_an_idle_connection_reaches_nobody(loopback, rounds):
    loopback.on("/random", http_response(QUOTE))
    await quotes.random()
    loopback.push(FOREIGN)  # blocks this loop, so that it cannot read
    for _ in range(rounds):
        await asyncio.sleep(0)
    assert (await quotes.random()).author == "b"
    assert loopback.accepted == 2


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"REUSE_CONNECTIONS": False})
async def test_a_distrusted_upstream_gets_a_connection_for_each_call(loopback):
    loopback.on("/random", http_response(QUOTE))
    await quotes.random()
    await quotes.random()
    assert loopback.accepted == 2


@pytest.mark.usefixtures("upstreams")
@pytest.mark.parametrize(("age", "accepted"), [(95, 1), (145, 2)])
async def test_a_connection_is_renewed_after_its_maximum_age(loopback, monkeypatch, age, accepted):
    now = 1000.0
    monkeypatch.setattr(
        loop_clients, "make_transport", lambda definition: HTTP1Transport(definition, clock=lambda: now)
    )
    loopback.on("/random", http_response(QUOTE))
    async with run_lifespan(application):
        await quotes.random()
        now += age
        await quotes.random()
    assert loopback.accepted == accepted


SLOW = [f"slow{number}" for number in range(10)]


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(
    quotes={"BASE_URL": "http://quotes.test"},
    **{alias: {"BASE_URL": f"http://{alias}.test", "ALLOW_HTTP": True} for alias in SLOW},
)
async def test_ten_look_ups_that_hang_hold_up_nobody_else(loopback, monkeypatch, settings):
    settings.UPSTREAMS_TEST_HOSTS = ["quotes.test", *(f"{alias}.test" for alias in SLOW)]
    hang = threading.Event()
    address = ("127.0.0.1", int(loopback.url.rpartition(":")[2]))

    def look_up(host, *_):
        if host.startswith("slow"):
            hang.wait()
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", address)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    loopback.on("/random", http_response(QUOTE))
    slow = [asyncio.create_task(Upstream(alias).get("random")) for alias in SLOW]
    await asyncio.sleep(0)
    await quotes.random()
    hang.set()
    await asyncio.gather(*slow)


@pytest.mark.usefixtures("lifespan", "loopback")
@pytest.mark.upstreams(quotes={"BASE_URL": "https://no.test"})
@pytest.mark.parametrize(
    "error", [socket.gaierror(socket.EAI_NONAME, "not known"), UnicodeError("label too long")]
)
async def test_a_name_that_does_not_resolve_is_named(monkeypatch, settings, error):
    settings.UPSTREAMS_TEST_HOSTS = ["no.test"]

    def look_up(*_):
        raise error

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(UpstreamConnectionError, match=r"the name no\.test does not resolve") as caught:
        await quotes.random()
    assert caught.value.phase == "connect"
