"""A Redis that other tests do not see, and a proxy before it that can be cut and stalled."""

import asyncio
import logging
import os
import uuid

import pytest
from redis import Redis, RedisError
from upstreams.policies import redis_server
from upstreams.testing.proxy import Proxy

URL = os.environ.get("CACHE_URL") or "redis://127.0.0.1:6379/0"


@pytest.fixture
def redis():
    with Redis.from_url(URL, socket_timeout=1) as redis:
        try:
            redis.ping()
        except RedisError:
            pytest.skip(f"no Redis answers at {URL}")
        yield redis


@pytest.fixture
def prefix(redis):
    """The KEY_PREFIX of a test."""
    prefix = f"test-{uuid.uuid4()}"
    yield prefix
    if keys := list(redis.scan_iter(f"{prefix}:*")):
        redis.delete(*keys)


@pytest.fixture
def proxy(redis):
    """Leads to Redis until a test cuts it."""
    address = redis.get_connection_kwargs()
    with Proxy(address["host"], address["port"]) as proxy:
        yield proxy


@pytest.fixture
def share(settings, define, prefix, proxy):
    """Define upstreams whose Redis is behind the proxy: `share(quotes={"RATE_LIMIT": 10})`."""

    def share(**upstreams):
        location = URL.replace(URL.partition("://")[2].partition("/")[0], proxy.url.partition("://")[2])
        backend = "django.core.cache.backends.redis.RedisCache"
        settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": location, "KEY_PREFIX": prefix}}
        define(**{alias: {"SHARED": True, **keys} for alias, keys in upstreams.items()})

    return share


@pytest.fixture(params=["memory", "redis"])
def keep(request, define):
    """Define upstreams whose responses are kept: `keep(quotes={})`."""

    def keep(**upstreams):
        share = request.getfixturevalue("share") if request.param == "redis" else define
        share(**{alias: {"CACHE": True, **keys} for alias, keys in upstreams.items()})

    return keep


@pytest.fixture
def changes(caplog, monkeypatch):
    """The lines about Redis; `await changes.seen(2)` waits for the second one."""
    monkeypatch.setattr(redis_server, "PROBE_INTERVAL", 0.01)
    caplog.set_level(logging.WARNING, redis_server.logger.name)
    return Changes(caplog, monkeypatch)


class Changes:
    def __init__(self, caplog, monkeypatch):
        self._caplog = caplog
        self._logged = asyncio.Event()
        self.lines = []
        monkeypatch.setattr(redis_server.logger, "warning", self._log)

    def _log(self, what, *values):
        self.lines.append(what % values)
        self._logged.set()

    async def seen(self, number):
        async with asyncio.timeout(10):
            while len(self.lines) < number:
                self._logged.clear()
                await self._logged.wait()
        return self.lines
