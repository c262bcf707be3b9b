"""Redis is away or slow: each process goes on alone, no call fails by it, and the log has one line for each change."""

import asyncio
import time

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamPoolExhausted, open_clients
from upstreams.core.definition import parse
from upstreams.policies import redis_server
from upstreams.testing.proxy import Toxics

AWAY = 'the Redis of CACHES["default"] is away, and each process goes on alone: '
BACK = 'the Redis of CACHES["default"] is back, and shared by all processes again'


async def calls(number):
    return await asyncio.gather(*(quotes.get("random") for _ in range(number)))


@pytest.fixture(params=["down", "timeout"])
def toxics(request):
    return Toxics(**{request.param: True})


async def test_a_call_passes_and_the_log_says_it_once(upstream_mock, share, proxy, changes, toxics):
    upstream_mock("quotes").get("random").json({})
    share(quotes={"RATE_LIMIT": 1000})
    async with open_clients():
        await calls(1)
        assert changes.lines == []
        proxy.toxics = toxics
        proxy.freeze_all() if toxics.timeout else proxy.close_all()
        await calls(5)
        await calls(5)
        (line,) = changes.lines
        assert line.startswith(AWAY)
        proxy.toxics = Toxics()
        assert (await changes.seen(2))[1] == BACK
        await calls(5)
        assert len(changes.lines) == 2


async def test_it_may_be_away_from_the_start(upstream_mock, share, proxy, changes):
    upstream_mock("quotes").get("random").json({})
    proxy.toxics = Toxics(down=True)
    share(quotes={"RATE_LIMIT": 1000})
    async with open_clients():
        await calls(5)
        assert len(changes.lines) == 1


async def test_a_slow_server_delays_calls_once(upstream_mock, share, proxy, changes, monkeypatch):
    monkeypatch.setattr(redis_server, "PROBE_INTERVAL", 60)
    upstream_mock("quotes").get("random").json({})
    proxy.toxics = Toxics(latency=5)
    share(quotes={"RATE_LIMIT": 1000})
    async with open_clients():
        began = time.monotonic()
        await calls(5)
        assert redis_server.TIMEOUT <= time.monotonic() - began < 4
        monkeypatch.setattr(redis_server, "TIMEOUT", 60)
        async with asyncio.timeout(4):
            await calls(5)
    assert changes.lines == [f"{AWAY}TimeoutError: no response within 0.25 s"]


async def test_many_calls_at_once_do_not_make_it_slow(upstream_mock, share, changes, monkeypatch):
    monkeypatch.setattr(redis_server, "TIMEOUT", 2)  # also beside other load
    upstream_mock("quotes").get("random").content("", headers={"cache-control": "public, max-age=60"})
    share(quotes={"CACHE": True, "TIMEOUT": 14})
    async with open_clients():
        await calls(1)
        await calls(1000)
    assert changes.lines == []


async def test_a_process_alone_takes_its_share_of_the_limit(upstream_mock, settings, share, proxy, changes):
    upstream_mock("quotes").get("random").json({})
    settings.UPSTREAMS_WORKERS, settings.UPSTREAMS_REPLICAS = 2, 5
    proxy.toxics = Toxics(down=True)
    share(quotes={"RATE_LIMIT": 1, "TIMEOUT": 5})
    async with open_clients():
        await quotes.get("random")
        with pytest.raises(UpstreamPoolExhausted, match=r"RATE_LIMIT, 0\.1 calls per second") as caught:
            await quotes.get("random")
    assert caught.value.retry_after == pytest.approx(10, abs=0.5)


async def test_a_server_that_is_full_is_away(upstream_mock, share, redis, changes, monkeypatch):
    monkeypatch.setattr(
        "upstreams.policies.shared_rate_limit.RESERVE", "return redis.error_reply('OOM full')"
    )
    upstream_mock("quotes").get("random").json({})
    share(quotes={"RATE_LIMIT": 1000})
    async with open_clients():
        await calls(1)
        assert changes.lines[0] == f"{AWAY}OutOfMemoryError: full"


NO_REDIS = (
    'needs Redis or Valkey as CACHES["default"], which is django.core.cache.backends.locmem.LocMemCache; '
    'set CACHE_URL, or write "SHARED": bool(env.cache_url) where some machines have none'
)
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"RATE_LIMIT": 5}, NO_REDIS),
        ({}, "shares RATE_LIMIT and CACHE, and none of them is set; set one, or leave SHARED out"),
    ],
)
def test_what_cannot_be_shared_is_said_at_boot(settings, keys, problem):
    settings.CACHES = LOCAL
    _, problems = parse({"quotes": {"BASE_URL": "https://a.test", "SHARED": True, **keys}})
    assert problems == [f'UPSTREAMS["quotes"]["SHARED"]: {problem}']


def test_for_all_upstreams_it_holds_for_those_that_have_something_to_share(settings):
    settings.CACHES = LOCAL
    _, problems = parse({"*": {"SHARED": True}, "quotes": {"BASE_URL": "https://a.test"}})
    assert problems == []
