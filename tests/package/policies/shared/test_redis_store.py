"""The cache in Redis: what other processes read and write, what is stored, and when it is away."""

import asyncio
import json
import threading

import pytest
from asgiref.sync import sync_to_async
from testproject.quotes import quotes
from upstreams import UpstreamTimeout, open_clients
from upstreams.policies import redis_store
from upstreams.testing import http_response
from upstreams.testing.proxy import Toxics

from policies.shared.test_cache import FRESH, numbered, texts


class Elsewhere:
    """Another process, as far as Redis knows: an event loop with clients of its own."""

    def __init__(self):
        self._jobs = asyncio.Queue()

    def __enter__(self):
        ready = threading.Event()

        async def main():
            self._loop = asyncio.get_running_loop()
            self._stop = asyncio.Event()
            async with open_clients():
                ready.set()
                await self._stop.wait()

        self._thread = threading.Thread(target=asyncio.run, args=[main()])
        self._thread.start()
        ready.wait()
        return self

    async def do(self, coroutine):
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(coroutine, self._loop))

    def __exit__(self, *_):
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


@pytest.fixture
async def processes(loopback, share):
    for n in range(1, 5):
        loopback.on("/random", http_response({"n": n}, headers=FRESH))
    share(quotes={"BASE_URL": loopback.url, "CACHE": True})
    elsewhere = Elsewhere()
    await sync_to_async(elsewhere.__enter__)()
    async with open_clients():
        yield elsewhere
    await sync_to_async(elsewhere.__exit__)()


async def read():
    return (await quotes.get("random", headers={"Authorization": "Bearer secret-of-alice"})).json()["n"]


async def test_processes_share_what_they_have_read_and_written(processes, loopback):
    assert [await read(), await processes.do(read()), await read()] == [1, 1, 1]
    assert len(loopback.requests) == 1
    loopback.on("/random", http_response({}))
    await processes.do(quotes.post("random", json={}))
    assert [await read(), await processes.do(read())] == [3, 3]  # 2 was the response to the write


async def test_a_response_to_what_was_sent_before_a_write_is_not_kept(upstream_mock, share):
    route = upstream_mock("quotes").get("random")
    upstream_mock("quotes").post("random").content("")
    sent, go = asyncio.Event(), asyncio.Event()

    async def wait(request):
        sent.set()
        await go.wait()

    route.after(wait).content("old", headers=FRESH).content("new", headers=FRESH)
    share(quotes={"CACHE": True})
    async with open_clients():
        reading = asyncio.create_task(quotes.get("random"))
        await sent.wait()
        await quotes.post("random")
        go.set()
        assert (await reading).text == "old"
        assert await texts({}, {}) == ["new", "new"]


async def test_redis_has_no_credential_and_nothing_forever(processes, redis, prefix):
    await read()
    keys = list(redis.scan_iter(f"{prefix}:*"))
    kept = {key: redis.hgetall(key) for key in keys}
    assert len(kept) == 1
    assert "secret" not in repr(kept)
    assert "alice" not in repr(kept)
    assert all(0 < redis.ttl(key) <= 60 for key in keys)


async def test_the_responses_of_one_url_are_limited(upstream_mock, share, redis, prefix, monkeypatch):
    monkeypatch.setattr(redis_store, "MAX_FIELDS", 3)
    numbered(upstream_mock, FRESH, 10)
    share(quotes={"CACHE": True})
    async with open_clients():
        await texts(*({"headers": {"Accept": str(n)}} for n in range(8)))
    (key,) = redis.scan_iter(f"{prefix}:*")
    assert redis.hlen(key) <= 4


async def test_a_large_response_is_not_kept(upstream_mock, share, redis, prefix, monkeypatch):
    monkeypatch.setattr(redis_store, "MAX_SHARED_BODY", 3)
    numbered(upstream_mock, FRESH, 1)
    upstream_mock("quotes").get("large").content("1234", headers=FRESH)
    share(quotes={"CACHE": True})
    async with open_clients():
        await quotes.get("large")
        assert list(redis.scan_iter(f"{prefix}:*")) == []
        await quotes.get("random")
        assert len(list(redis.scan_iter(f"{prefix}:*"))) == 1


async def test_what_another_version_has_written_is_a_miss(upstream_mock, share, redis, prefix):
    numbered(upstream_mock, FRESH)
    share(quotes={"CACHE": True})
    async with open_clients():
        await texts({})
        (key,) = redis.scan_iter(f"{prefix}:*")
        for field in redis.hkeys(key):
            redis.hset(key, field, json.dumps({"from": "elsewhere"}))
        assert await texts({}, {}) == ["2", "2"]


async def test_a_revalidated_response_is_fresh_again(upstream_mock, keep):
    stale = {"cache-control": "max-age=0", "etag": '"1"'}
    upstream_mock("quotes").get("random").content("a", headers=stale).content("", 304, stale | FRESH)
    keep(quotes={})
    async with open_clients():
        found = [await quotes.get("random") for _ in range(3)]
    assert [(one.text, one.extensions["cache"]) for one in found] == [
        ("a", "miss"),
        ("a", "revalidated"),
        ("a", "hit"),
    ]


@pytest.mark.parametrize("toxics", [Toxics(down=True), Toxics(timeout=True)], ids=["down", "silent"])
async def test_calls_pass_by_a_cache_that_is_away(upstream_mock, share, proxy, changes, toxics):
    numbered(upstream_mock, FRESH, 9)
    upstream_mock("quotes").post("random").content("")
    share(quotes={"CACHE": True})
    async with open_clients():
        assert await texts({}, {}) == ["1", "1"]
        proxy.toxics = toxics
        proxy.freeze_all() if toxics.timeout else proxy.close_all()
        found = await asyncio.gather(*(quotes.get("random") for _ in range(5)))
        assert sorted(one.text for one in found) == ["2", "3", "4", "5", "6"]
        await quotes.post("random")
        assert len(changes.lines) == 1
        proxy.toxics = Toxics()
        await changes.seen(2)
        assert await texts({}, {}) == ["7", "7"]  # and not 1, which was written to meanwhile
    assert len(changes.lines) == 2


async def test_a_slow_upstream_still_fails_by_its_own_limit(upstream_mock, share):
    upstream_mock("quotes").get("random").fail("hang")
    share(quotes={"CACHE": True, "TIMEOUT": 0.3, "QUEUE_TIMEOUT": 0.1, "CONNECT_TIMEOUT": 0.1})
    async with open_clients():
        with pytest.raises(UpstreamTimeout):
            await quotes.get("random")
