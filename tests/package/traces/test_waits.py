"""What is recorded of calls that wait, and of those that another call has made: the cache, identical calls, duplicates."""

import asyncio

import pytest
from testproject.quotes import quotes
from upstreams import gather

from traces.waiting import until

QUOTE = {"text": "a", "author": "b"}


@pytest.mark.upstreams(quotes={"MAX_CONNECTIONS": 1, "QUEUE_TIMEOUT": 3})
async def test_waiting_for_a_connection_is_no_part_of_the_attempt(loopback, calls):
    loopback.on("/random", b"", "hang")
    first = asyncio.create_task(quotes.random())
    await until(lambda: loopback.requests)
    second = asyncio.create_task(quotes.random())
    await until(lambda: len(calls()) == 2)
    await asyncio.sleep(0.002)  # the wait itself
    first.cancel()
    await until(lambda: calls()[1]["attempts"])
    second.cancel()
    await asyncio.wait([first, second])
    *_, wait = calls()[1]["waits"]  # a busy machine may take a while before, too
    (attempt,) = calls()[1]["attempts"]
    assert wait["for"] == "queue"
    assert wait["duration_ms"] >= 1
    assert wait["begin_ms"] + wait["duration_ms"] == pytest.approx(attempt["begin_ms"], abs=0.01)


@pytest.mark.upstreams(quotes={"RATE_LIMIT": 20})
async def test_waiting_for_the_rate_limit_has_its_name(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    await gather(*(quotes.random() for _ in range(21)))
    # A busy machine may take a while between two policies, too.
    waits = [wait for call in calls() for wait in call["waits"] if wait["duration_ms"] > 20]
    assert [wait["for"] for wait in waits] == ["rate limit"]


@pytest.mark.upstreams(quotes={"CACHE": True})
async def test_the_cache_has_sent_nothing(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE, headers={"cache-control": "public, max-age=60"})
    await quotes.random()
    await quotes.random()
    assert [(one["cache"], len(one["attempts"])) for one in calls()] == [("miss", 1), ("hit", 0)]


@pytest.mark.upstreams(quotes={"CACHE": True, "CACHE_STALE_WHILE_REVALIDATE": 60})
async def test_a_revalidation_in_the_background_is_a_call_of_its_own(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE, headers={"cache-control": "public, max-age=0"})
    await quotes.random()
    await quotes.random()
    await until(lambda: len(calls()) == 3 and not calls()[2]["running"])
    found = [(one["cache"], one["in_background"], len(one["attempts"])) for one in calls()]
    assert found == [("miss", False, 1), ("stale", False, 0), (None, True, 1)]


@pytest.mark.upstreams(quotes={"COALESCE": True})
async def test_one_of_identical_calls_has_sent_the_request(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    await gather(quotes.random(), quotes.random())
    assert [(one["shared"], len(one["attempts"])) for one in calls()] == [(False, 1), (True, 0)]
    assert [one["duplicate_of"] for one in calls()] == [None, 1]


async def test_duplicates_ask_for_the_same(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    upstream_mock("quotes").on("POST", "random").json(QUOTE)
    for more in ({}, {"params": {"n": 1}}, {}, {"params": {"n": 2}}, {"params": {"n": 1}}):
        await quotes.get("random", **more)
    for body in ({"query": "a"}, {"query": "b"}, {"query": "a"}):
        await quotes.post("random", json=body)
    assert [one["duplicate_of"] for one in calls()] == [None, None, 1, None, 2, None, None, 6]


async def test_calls_with_a_streamed_body_are_not_compared(upstream_mock, calls):
    async def body():
        yield b"a"

    upstream_mock("quotes").on("POST", "random").json(QUOTE)
    for _ in range(2):
        await quotes.post("random", content=body())
    assert [one["duplicate_of"] for one in calls()] == [None, None]
