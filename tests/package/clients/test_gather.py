"""Calls at the same time: results in order, the first error bare, and nothing left behind."""

import asyncio
import gc

import pytest
from asgiref.sync import async_to_sync
from testproject.quotes import quotes
from upstreams import UpstreamStatusError, UpstreamTimeout, gather
from upstreams.core import context
from upstreams.core.request_deadline import RequestDeadline

QUOTE = {"text": "a", "author": "b"}


async def returns(value):
    await asyncio.sleep(0)
    return value


async def fails(error):
    await asyncio.sleep(0)
    raise error


async def waits(ended, *, and_raises=None):
    try:
        await asyncio.Event().wait()
    finally:
        ended.append("cancelled")
        if and_raises is not None:
            raise and_raises


async def test_results_are_in_the_order_of_the_arguments():
    assert await gather(returns(1), returns("two"), returns(None)) == (1, "two", None)
    assert await gather() == ()


async def test_a_future_and_a_task_are_awaitables_too():
    future = asyncio.get_running_loop().create_future()
    future.set_result(1)
    assert await gather(future, asyncio.create_task(returns(2))) == (1, 2)


@pytest.mark.usefixtures("lifespan")
async def test_except_catches_the_error_of_the_upstream(upstream_mock):
    upstream_mock("quotes").get("random").content("", 404)
    with pytest.raises(UpstreamStatusError) as caught:
        await gather(quotes.random(), quotes.random(), quotes.random())
    assert caught.value.response.status_code == 404
    assert caught.value.__context__ is None


async def test_the_rest_is_cancelled_and_awaited_before_the_error_is_raised():
    ended = []
    with pytest.raises(LookupError, match="first"):
        await gather(waits(ended), fails(LookupError("first")), waits(ended))
    assert ended == ["cancelled", "cancelled"]
    assert len(asyncio.all_tasks()) == 1


async def test_of_several_errors_the_first_is_raised_and_the_others_are_notes_and_lines(caplog):
    first = LookupError("first")
    with pytest.raises(LookupError) as caught:
        await gather(
            waits([], and_raises=UpstreamTimeout("late")), fails(first), waits([], and_raises=KeyError("bug"))
        )
    assert caught.value is first
    assert sorted(first.__notes__) == [
        "gather: another call failed, too: KeyError('bug')",
        "gather: another call failed, too: UpstreamTimeout('late')",
    ]
    lines = [(record.getMessage(), bool(record.exc_info)) for record in caplog.records]
    assert sorted(lines) == [
        ("gather: another call failed, too: 'bug'", True),
        ("gather: another call failed, too: late", False),
    ]


async def test_a_group_that_a_call_raises_stays_one():
    group = ExceptionGroup("mine", [KeyError("a")])
    with pytest.raises(ExceptionGroup) as caught:
        await gather(fails(group))
    assert caught.value is group


async def test_a_cancelled_caller_cancels_all_and_is_cancelled():
    ended = []
    caller = asyncio.create_task(gather(waits(ended), waits(ended)))
    while len(asyncio.all_tasks()) < 4:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert ended == ["cancelled", "cancelled"]


async def test_an_error_does_not_hide_the_cancellation_of_the_caller(caplog):
    caller = asyncio.create_task(gather(waits([], and_raises=LookupError("in the end"))))
    while len(asyncio.all_tasks()) < 3:
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert caller.cancelled()
    assert "in the end" in caplog.text


async def test_a_timeout_around_it_is_a_timeout():
    ended = []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await gather(waits(ended), waits(ended))
    assert ended == ["cancelled", "cancelled"]
    await asyncio.sleep(0)  # not cancelled


async def test_a_caught_error_leaves_the_caller_uncancelled():
    with pytest.raises(LookupError):
        await gather(fails(LookupError()), waits([]))
    assert asyncio.current_task().cancelling() == 0
    await asyncio.sleep(0)


async def test_each_call_inherits_the_deadline():
    async def deadline():
        return context.deadline.get()

    token = context.deadline.set(inherited := RequestDeadline(7))
    try:
        assert await gather(deadline(), deadline()) == (inherited, inherited)
    finally:
        context.deadline.reset(token)


def test_sync_code_gathers_too(upstream_mock):
    upstream_mock("quotes").get("random").json(QUOTE)
    found = async_to_sync(gather)(quotes.random(), quotes.random())
    assert [quote.author for quote in found] == ["b", "b"]


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [
        (quotes.random, r"got method; call the method: gather\(quotes\.random\(\), …\)"),
        (7, "got int; pass coroutines"),
    ],
)
async def test_what_cannot_be_awaited_is_named_before_anything_starts(wrong, hint, recwarn):
    with pytest.raises(TypeError, match=hint):
        await gather(returns(1), wrong)
    gc.collect()
    assert list(recwarn) == []


async def test_a_list_of_calls_must_be_unpacked(recwarn):
    with pytest.raises(TypeError, match=r"got list; unpack it: gather\(\*calls\)"):
        await gather([returns(1), returns(2)])
    with pytest.raises(TypeError, match=r"got generator; unpack it: gather\(\*calls\)"):
        await gather(returns(number) for number in range(3))
    gc.collect()
    assert list(recwarn) == []
