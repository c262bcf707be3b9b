"""`settings.UPSTREAMS` may change at any time in tests: clients whose definitions have changed are made again."""

import asyncio
import contextvars

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import UnknownUpstream, Upstream
from upstreams.clients import pools, portal
from upstreams.testing.lifespan import run_lifespan
from upstreams.testing.loopback import Loopback, http_response

QUOTE = {"text": "a", "author": "b"}
ELSEWHERE = {"quotes": {"BASE_URL": "https://elsewhere.test"}}


@pytest.fixture
def mock(upstream_mock):
    mock = upstream_mock("quotes")
    mock.get("random").json(QUOTE)
    return mock


def hosts(mock):
    return [request.url.host for request in mock.requests]


async def test_before_the_lifespan(mock, settings):
    settings.UPSTREAMS = ELSEWHERE
    async with run_lifespan(application):
        await quotes.random()
    assert hosts(mock) == ["elsewhere.test"]


async def test_in_the_loop_that_owns_the_clients(mock, lifespan):
    await quotes.random()
    with override_settings(UPSTREAMS=ELSEWHERE):
        await quotes.random()
    await quotes.random()
    assert hosts(mock) == ["quotes.test", "elsewhere.test", "quotes.test"]


async def test_in_another_thread(mock, settings, lifespan):
    def change():
        settings.UPSTREAMS = ELSEWHERE
        return asyncio.run(quotes.random())

    await asyncio.to_thread(contextvars.Context().run, change)
    await quotes.random()
    assert hosts(mock) == ["elsewhere.test", "elsewhere.test"]


def test_with_the_portal(mock):
    call = async_to_sync(quotes.random)
    call()
    with override_settings(UPSTREAMS=ELSEWHERE):
        call()
    call()
    assert hosts(mock) == ["quotes.test", "elsewhere.test", "quotes.test"]


def test_while_the_loop_with_the_clients_is_not_running(mock, settings):
    with asyncio.Runner() as runner:
        clients = pools.open_clients()
        runner.run(clients.__aenter__())
        settings.UPSTREAMS = ELSEWHERE
        runner.run(quotes.random())
        runner.run(clients.__aexit__(None, None, None))
    assert hosts(mock) == ["elsewhere.test"]
    assert mock.events == ["opened", "opened", "closed", "closed"]


async def test_replaced_clients_close_with_the_lifespan(mock):
    async with run_lifespan(application):
        with override_settings(UPSTREAMS=ELSEWHERE):
            pass
        assert mock.events == ["opened", "opened", "opened"]
    assert mock.events == ["opened", "opened", "opened", "closed", "closed", "closed"]


def test_replaced_clients_close_with_the_portal(mock):
    async_to_sync(quotes.random)()
    with override_settings(UPSTREAMS=ELSEWHERE):
        portal.close()
    assert mock.events == ["opened", "opened", "closed", "closed"]


async def test_the_connections_of_replaced_clients_are_closed(define, loopback):
    loopback.on("/random", http_response(QUOTE))
    define(quotes={"BASE_URL": loopback.url})
    with Loopback() as other:
        other.on("/random", http_response(QUOTE))
        async with run_lifespan(application):
            await quotes.random()
            define(quotes={"BASE_URL": other.url})
            await quotes.random()
            assert (loopback.open, other.open) == (1, 1)
        async with asyncio.timeout(5):
            await loopback.all_closed()
            await other.all_closed()


async def test_only_changed_clients_are_made_again(upstream_mock, settings, define):
    define(quotes={}, rates={})
    async with run_lifespan(application):
        settings.UPSTREAMS = {**settings.UPSTREAMS, **ELSEWHERE}
    assert upstream_mock("rates").events == ["opened", "closed"]


async def test_upstreams_come_and_go(upstream_mock, settings, lifespan):
    rates = Upstream("rates")
    settings.UPSTREAMS = {"rates": {"BASE_URL": "https://rates.test"}}
    upstream_mock("rates").get("eur").json(1)
    assert await rates.get("eur", into=int) == 1
    with pytest.raises(UnknownUpstream, match="known are rates"):
        await quotes.random()


async def test_a_call_in_flight_ends_on_the_old_client(mock, settings, lifespan):
    async def wait(request):
        arrived.set()
        await gate.wait()

    arrived, gate = asyncio.Event(), asyncio.Event()
    mock.get("random").after(wait)
    call = asyncio.create_task(quotes.random())
    await arrived.wait()
    settings.UPSTREAMS = ELSEWHERE
    gate.set()
    assert (await call).author == "b"


@pytest.mark.usefixtures("lifespan")
async def test_wrong_settings_are_an_error_of_the_line_that_sets_them(mock):
    with (
        pytest.raises(ImproperlyConfigured, match=r"TIMEOUTS.*unknown key"),
        override_settings(UPSTREAMS={"quotes": {"BASE_URL": "https://quotes.test", "TIMEOUTS": 1}}),
    ):
        raise AssertionError("they were accepted")
    assert (await quotes.random()).author == "b"
