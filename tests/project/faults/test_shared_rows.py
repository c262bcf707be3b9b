"""What processes share, and an upstream that one page too many would hurt."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from processes import environment, run
from target import Target
from upstreams.testing.loopback import Loopback, http_response
from upstreams.testing.proxy import Proxy, Toxics

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})
SHARED = {"RATE_LIMIT": 1000, "CACHE": True, "SHARED": True, "MAX_CONNECTIONS": 100}
ADDRESS = os.environ.get("CACHE_URL") or "redis://127.0.0.1:6379/9"


@pytest.fixture(scope="session")
def libraries(project: Path) -> None:
    """The extras `redis` and `cache`, which no answer of the template installs."""
    python = str(project / ".venv" / "bin" / "python")
    packages = ["redis>=8", "hishel[async]>=2,<3"]
    run(["scripts/uv", "pip", "install", "--quiet", "--python", python, *packages], project, environment())


@pytest.fixture
def redis(libraries: None) -> Iterator[Proxy]:
    """Leads to Redis until a row cuts it."""
    import redis

    with redis.Redis.from_url(ADDRESS, socket_timeout=1) as client:
        try:
            client.ping()
        except redis.RedisError:
            pytest.skip(f"no Redis answers at {ADDRESS}")
        address = client.get_connection_kwargs()
    with Proxy(address["host"], address["port"]) as proxy:
        yield proxy


def url(proxy: Proxy) -> str:
    return f"redis://{proxy.url.partition('://')[2]}/9"


@pytest.mark.row("F80", "a quota of 20 calls a second, for two processes", plain="fails: it knows no quota")
def test_shared_quota(start: Start, faulty: Loopback, redis: Proxy) -> None:
    faulty.on("/x", GOOD)
    target = start(workers=2, env={"CACHE_URL": url(redis)}, RATE_LIMIT=20, SHARED=True)
    began = time.monotonic()
    responses = target.many(60)
    assert {response.status for response in responses} == {200}
    assert len(faulty.requests) == 60
    assert time.monotonic() - began >= 59 / 20 - 0.1


@pytest.mark.row(
    "F81", "Redis dies or hangs under a shared limit and cache", plain="passes: it shares nothing"
)
@pytest.mark.parametrize("toxics", [Toxics(down=True), Toxics(timeout=True)], ids=["dies", "hangs"])
def test_redis_away(start: Start, faulty: Loopback, redis: Proxy, toxics: Toxics) -> None:
    faulty.on("/x", GOOD)
    target = start(env={"CACHE_URL": url(redis)}, **SHARED)
    assert {response.status for response in target.many(20)} == {200}
    redis.toxics = toxics
    redis.freeze_all() if toxics.timeout else redis.close_all()
    responses = target.many(100)
    assert {response.status for response in responses} == {200}
    assert max(response.seconds for response in responses) < 3
    assert target.log().count("goes on alone") <= 1


@pytest.mark.row("F82", "dies, and its last response may be stale", plain="fails: it has no cache")
def test_stale_response(start: Start, faulty: Loopback, libraries: None) -> None:
    control = {"cache-control": "public, max-age=0, stale-if-error=60"}
    faulty.on("/x", http_response({"n": "1"}, headers=control)).on("/x", "reset")
    target = start(CACHE=True)
    assert [target.get("/call/faulty").status for _ in range(3)] == [200] * 3


@pytest.mark.row("F83", "100 identical calls of 1 s at once", plain="fails: each is a request")
def test_identical_calls(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", 1.0, GOOD)
    target = start(COALESCE=True)
    assert {response.status for response in target.many(100)} == {200}
    assert len(faulty.requests) <= 3
