"""A cache in the memory of a process, and one in Redis that all processes share: who gets whose response."""

import asyncio
import json
import threading
import time

import pytest
from asgiref.sync import sync_to_async
from testproject.quotes import quotes
from upstreams import UpstreamTimeout, open_clients
from upstreams.core.metrics import CACHED
from upstreams.policies import redis_store
from upstreams.testing import http_response
from upstreams.testing.proxy import Toxics

FRESH = {"cache-control": "public, max-age=60"}


def numbered(upstream_mock, headers, number=4):
    route = upstream_mock("quotes").get("random")
    for n in range(1, number + 1):
        route.content(str(n), headers=headers)


async def texts(*calls):
    """The text that each of these calls gets: keyword arguments, or an upstream bound to a tenant."""
    found = []
    for one in calls:
        response = await (quotes.get("random", **one) if isinstance(one, dict) else one.get("random"))
        found.append(response.text)
    return found


KINDS = {
    "authorization": lambda who: {"headers": {"Authorization": f"Bearer {who}"}},
    "cookie": lambda who: {"headers": {"Cookie": f"session={who}"}},
    "own header": lambda who: {"headers": {"X-Api-Key": who}},
    "query": lambda who: {"params": {"api_key": who}},
    "tenant": lambda who: quotes.using(auth={"BEARER": who}),
    "tenant's header": lambda who: quotes.using(headers={"X-Tenant": who}),
    "nobody": lambda who: {},
}
CONTROLS = [
    "public, max-age=60",
    "s-maxage=60",
    "max-age=60, must-revalidate",
    "max-age=60",
    "private, max-age=60",
]
CONTROLS += ["no-store", "public, no-store, max-age=60", "public, max-age=0", "no-cache", ""]
KEPT = CONTROLS[:3]
"""Those that allow a shared cache to keep the response to a credential (RFC 9111 §3.5)."""


@pytest.mark.parametrize("control", CONTROLS)
@pytest.mark.parametrize("kind", KINDS)
async def test_whose_response_is_returned_to_whom(upstream_mock, keep, kind, control):
    numbered(upstream_mock, {"cache-control": control} if control else {})
    keep(quotes={})
    alice, bob = KINDS[kind]("alice"), KINDS[kind]("bob")
    async with open_clients():
        found = await texts(alice, bob, alice)
    if kind == "nobody":
        assert found == (["1"] * 3 if control in [*KEPT, "max-age=60"] else ["1", "2", "3"])
    else:
        is_kept = control in KEPT or (kind == "query" and control == "max-age=60")  # a URL is no credential
        assert found == (["1", "2", "1"] if is_kept else ["1", "2", "3"])


@pytest.mark.parametrize("kind", KINDS)
async def test_what_sets_a_cookie_is_returned_to_one(upstream_mock, keep, kind):
    numbered(upstream_mock, FRESH | {"set-cookie": "session=alice"})
    keep(quotes={})
    call = KINDS[kind]("alice")
    async with open_clients():
        assert await texts(call, call) == ["1", "2"]


@pytest.mark.parametrize("name", ["Accept-Language", "Cookie", "X-Request-ID", "*"])
async def test_what_varies_is_returned_for_the_same_headers(upstream_mock, keep, name):
    numbered(upstream_mock, FRESH | {"vary": name})
    keep(quotes={})
    header = "X-Other" if name == "*" else name
    async with open_clients():
        found = await texts(*({"headers": {header: value}} for value in ("a", "b")))
        again = await texts({"headers": {header: "b"}})
    assert found == ["1", "2"]
    assert again == (["3"] if name == "*" else ["2"])


@pytest.mark.parametrize("keys", [{"AUTH": {"BEARER": "a"}}, {"HEADERS": {"X-Api-Key": "a"}}], ids=str)
async def test_a_credential_of_the_settings_counts(upstream_mock, keep, keys):
    numbered(upstream_mock, {"cache-control": "max-age=60"})
    keep(quotes=keys)
    async with open_clients():
        assert await texts({}, {}) == ["1", "2"]


async def test_a_response_without_a_date_does_not_stay_fresh_forever(upstream_mock, keep, monkeypatch):
    numbered(upstream_mock, FRESH)
    keep(quotes={})
    async with open_clients():
        assert await texts({}, {}) == ["1", "1"]
        now = time.time()
        monkeypatch.setattr(time, "time", lambda: now + 61)
        assert await texts({}) == ["2"]


async def test_the_response_and_the_metrics_say_where_it_comes_from(upstream_mock, keep):
    numbered(upstream_mock, FRESH)
    keep(quotes={})
    hits = CACHED.labels("quotes", "hit")._value
    before = hits.get()
    async with open_clients():
        found = [(await quotes.get("random")).extensions["cache"] for _ in range(3)]
    assert (found, hits.get() - before) == (["miss", "hit", "hit"], 2)


async def test_a_write_is_seen_by_reads(upstream_mock, keep):
    numbered(upstream_mock, FRESH)
    upstream_mock("quotes").post("random").content("")
    keep(quotes={})
    async with open_clients():
        assert await texts({}, {}) == ["1", "1"]
        await quotes.post("random")
        assert await texts({}, {}) == ["2", "2"]


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
