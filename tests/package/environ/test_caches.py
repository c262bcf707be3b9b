"""The cache: in memory, or in the Redis that CACHE_URL names."""

import asyncio
import os
import socket
import time
import uuid
from contextvars import Context

import pytest
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.urls import path
from redis import Connection, Redis, RedisError
from upstreams import conf
from upstreams.environ import Env, caches_from_url
from upstreams.environ.redis_pool import SharedPool

WRONG = "write redis://:password@host:6379/0 or rediss:// for TLS, with %2F for a slash in the password"
URL = os.environ.get("CACHE_URL") or "redis://127.0.0.1:6379/0"


async def cached(request, key):
    return HttpResponse(str(await cache.aget(key)))


urlpatterns = [path("cached/<str:key>", cached)]


@pytest.fixture
def configured(settings):
    """Sets CACHES from a URL."""

    def configured(url):
        settings.CACHES = caches_from_url(url)

    yield configured
    for pool in SharedPool.pools.values():
        pool.disconnect()
    SharedPool.pools.clear()


@pytest.fixture
def redis(configured):
    """Django's cache is in this Redis."""
    with Redis.from_url(URL, socket_timeout=1) as redis:
        try:
            redis.ping()
        except RedisError:
            pytest.skip(f"no Redis answers at {URL}")
        configured(URL)
        yield redis


@pytest.fixture
def key(redis):
    key = f"test-{uuid.uuid4()}"
    yield key
    redis.delete(f":1:{key}")


@pytest.fixture
def silent():
    """Somebody listens there, and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"redis://127.0.0.1:{listener.getsockname()[1]}/0"


def test_without_a_url_the_cache_is_in_memory():
    assert caches_from_url("")["default"]["BACKEND"].endswith("LocMemCache")


def test_without_the_extra_the_sentence_says_how_to_install_it(monkeypatch):
    monkeypatch.setattr("upstreams.environ.caches.find_spec", lambda name: None)
    with pytest.raises(
        ImproperlyConfigured, match=r"^CACHE_URL needs an extra: .* 'django-upstreams\[redis\]'$"
    ):
        caches_from_url("redis://127.0.0.1:6379/0")


def test_what_is_cached_lies_in_redis(redis, key):
    cache.set(key, {"a": 1}, timeout=60)
    assert cache.get(key) == {"a": 1}
    assert 0 < redis.ttl(f":1:{key}") <= 60


@pytest.fixture
def connected(redis, monkeypatch):
    """The connections that are made to Redis."""
    made = []
    connect = Connection._connect
    monkeypatch.setattr(Connection, "_connect", lambda self: (made.append(self), connect(self))[1])
    return made


async def test_requests_share_a_connection(aclient, settings, connected, key):
    settings.ROOT_URLCONF = __name__
    # As under a server, where no request has the context of another one.
    answers = [await asyncio.create_task(aclient.get(f"/cached/{key}"), context=Context()) for _ in range(5)]
    assert {answer.text for answer in answers} == {"None"}
    assert len(connected) == 1


def test_a_connection_is_there_for_each_request_that_limits_let_in(redis):
    pool = cache._cache.get_client().connection_pool
    limits = conf.current().limits
    asking = limits.max_requests + limits.max_streams
    assert len({pool.get_connection() for _ in range(asking)}) == asking


def test_a_redis_that_is_silent_is_given_up_soon(configured, silent):
    configured(silent)
    started = time.monotonic()
    with pytest.raises(RedisError):
        cache.get("a")
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("url", ["memcached://a", "redis://", "redis://a:b", "redis://a:0", "redis://a/name"])
def test_a_wrong_url_is_refused_in_one_sentence(monkeypatch, url):
    monkeypatch.setenv("CACHE_URL", url)
    with pytest.raises(ImproperlyConfigured, match=rf"^CACHE_URL: {WRONG}$"):
        Env.read()


def test_a_wrong_url_does_not_reveal_its_password(monkeypatch):
    monkeypatch.setenv("CACHE_URL", "redis://:half/secret@host:6379/0")
    with pytest.raises(ImproperlyConfigured) as caught:
        Env.read()
    assert "half" not in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["redis://:p%2F@a:6380/1", "rediss://a", "redis://[::1]:6379"])
def test_a_url_is_taken_as_it_is(monkeypatch, url):
    monkeypatch.setenv("CACHE_URL", url)
    assert Env.read().cache_url == url
