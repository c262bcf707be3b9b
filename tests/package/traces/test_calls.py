"""What is recorded of the calls of one request: every attempt and wait, and nothing that may be secret."""

import asyncio
import threading

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from testproject.quotes import quotes
from upstreams import UpstreamDecodeError, UpstreamError, UpstreamTimeout, spawn, spawn_thread
from upstreams.clients import registry
from upstreams.core.request_trace import MAX_CALLS

from traces.waiting import until

QUOTE = {"text": "a", "author": "b"}
SECRET = "a-secret"


async def fail(error=UpstreamError):
    with pytest.raises(error):
        await quotes.random()


async def test_a_call_has_its_template_its_status_and_its_time(upstream_mock, calls):
    upstream_mock("quotes").get("authors/ada").json([])
    await quotes.by("ada")
    (call,) = calls()
    assert (call["upstream"], call["method"], call["path"]) == ("quotes", "GET", "authors/{author}")
    assert (call["status"], call["error"], call["running"], call["failed"]) == (200, None, False, False)
    (attempt,) = call["attempts"]
    assert 0 <= call["begin_ms"] <= attempt["begin_ms"]
    assert attempt["begin_ms"] + attempt["duration_ms"] <= call["begin_ms"] + call["duration_ms"]


async def test_nothing_is_kept_of_path_query_body_and_headers(upstream_mock, trace, calls):
    upstream_mock("quotes").on("POST", f"authors/{SECRET}").json({"text": SECRET}, 400)
    with pytest.raises(UpstreamError):
        await quotes.post(
            "authors/{author}",
            author=SECRET,
            params={"key": SECRET},
            json={"text": SECRET},
            headers={"Authorization": SECRET},
        )
    (call,) = trace.calls
    kept = [getattr(one, name) for one in (call, *call.attempts, *call.waits) for name in one.__slots__]
    assert SECRET not in repr(kept) + repr(calls())
    assert calls()[0]["bytes_sent"] > len(SECRET)


@pytest.mark.upstreams(quotes={"BACKOFF": 0.001})
async def test_each_attempt_has_its_outcome(upstream_mock, calls):
    upstream_mock("quotes").get("random").json({}, 503, {"Retry-After": "0"}).fail("refused").json(QUOTE)
    await quotes.random()
    (call,) = calls()
    assert [(one["status"], one["error"]) for one in call["attempts"]] == [
        (503, None),
        (None, "UpstreamConnectionError"),
        (200, None),
    ]
    assert call["failed"] is False


@pytest.mark.upstreams(quotes={"MAX_ATTEMPTS": 1, "ATTEMPT_TIMEOUT": 0.02})
async def test_a_failed_call_has_the_sentence_of_its_error(upstream_mock, calls):
    upstream_mock("quotes").get("random").fail("hang")
    await fail(UpstreamTimeout)
    (call,) = calls()
    assert (call["error"], call["failed"]) == ("UpstreamTimeout", True)
    assert "no response within ATTEMPT_TIMEOUT" in call["message"]


async def test_a_body_that_does_not_fit_is_a_failure_of_its_call(upstream_mock, calls):
    upstream_mock("quotes").get("random").json({"text": 7})
    await fail(UpstreamDecodeError)
    assert [(one["status"], one["error"]) for one in calls()] == [(200, "UpstreamDecodeError")]


async def test_a_cancelled_call_is_no_running_one(upstream_mock, calls):
    upstream_mock("quotes").get("random").fail("hang")
    task = asyncio.create_task(quotes.random())
    await until(lambda: calls() and calls()[0]["attempts"])
    assert calls()[0]["running"]
    task.cancel()
    await asyncio.wait([task])
    assert [(one["error"], one["running"]) for one in calls()] == [("CancelledError", False)]


async def test_a_streamed_body_counts_until_it_is_closed(upstream_mock, calls):
    upstream_mock("quotes").get("export").content(b"abc")
    async with quotes.stream("GET", "export") as response:
        assert calls()[0]["running"]
        await response.aread()
    (call,) = calls()
    assert (call["running"], call["stream"], call["bytes_received"]) == (False, True, 3)


async def test_concurrent_calls_overlap(upstream_mock, calls):
    upstream_mock("quotes").get("random").fail("hang")
    tasks = [asyncio.create_task(quotes.random()) for _ in range(3)]
    await until(lambda: len(calls()) == 3)
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    ends = [one["begin_ms"] + one["duration_ms"] for one in calls()]
    assert max(one["begin_ms"] for one in calls()) < min(ends)


async def test_calls_of_threads_and_of_other_loops_count(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    await sync_to_async(async_to_sync(quotes.random))()
    await asyncio.to_thread(lambda: asyncio.run(quotes.random()))
    assert [one["status"] for one in calls()] == [200, 200]


async def test_calls_of_spawned_work_count(upstream_mock, trace, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    trace.end()  # as when the response was sent
    spawn(quotes.random())
    spawn_thread(async_to_sync(quotes.random))
    await until(lambda: [one["running"] for one in calls()] == [False, False])
    assert [one["in_background"] for one in calls()] == [True, True]


async def test_calls_outside_of_a_request_are_nobodys(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    thread = threading.Thread(target=lambda: asyncio.run(quotes.random()))
    thread.start()
    await asyncio.to_thread(thread.join)
    assert calls() == []


async def test_endless_work_fills_no_memory(upstream_mock, trace, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    for _ in range(MAX_CALLS + 2):
        await quotes.random()
    assert (len(calls()), trace.omitted) == (MAX_CALLS, 2)


async def test_clients_that_were_open_before_debug_record_from_then_on(settings, upstream_mock, trace):
    settings.DEBUG = False
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.random()
    settings.DEBUG = True
    await quotes.random()
    assert len(trace.calls) == 1


async def test_without_debug_no_policy_records(settings, upstream_mock, trace):
    settings.DEBUG = False
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.random()
    assert trace.calls == []
    (clients,) = registry.all_clients()
    policies = []
    client = clients.by_alias["quotes"]
    while client is not None:
        policies.append(type(client).__name__)
        client = getattr(client, "_inner", None)
    assert [name for name in policies if name.startswith("Trace")] == []
