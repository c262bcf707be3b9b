"""What happens when the service cannot start: it says which upstream, and leaves nothing open."""

import asyncio
import gc

import pytest

from config.asgi import application
from services.core import connections
from testing.lifespan import LifespanFailed, running
from tests.quotes import quotes


async def fails() -> None:
    raise RuntimeError("no token")


async def hangs() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("on_open", "message"),
    [
        (fails, "upstream quotes: on_open failed: RuntimeError('no token')"),
        (hangs, "upstream quotes: on_open took longer than OPENING, 0.05 s"),
    ],
)
@pytest.mark.upstreams(quotes={"OPENING": 0.05})
async def test_an_upstream_that_does_not_open_is_named(wire, monkeypatch, on_open, message):
    monkeypatch.setattr(quotes, "on_open", on_open)
    with pytest.raises(LifespanFailed, match=f"^{message.replace('(', '.').replace(')', '.')}$"):
        async with running(application):
            raise AssertionError("started")
    assert not connections.are_open()


@pytest.mark.upstreams(first={}, quotes={}, third={})
async def test_those_opened_before_a_failure_are_closed(wire, monkeypatch):
    monkeypatch.setattr(quotes, "on_open", fails)
    with pytest.raises(LifespanFailed):
        async with running(application):
            raise AssertionError("started")
    assert [wire(alias).events for alias in ("first", "quotes", "third")] == [
        ["opened", "closed"],
        ["opened", "closed"],
        [],
    ]


@pytest.mark.upstreams(quotes={"TOTL": 3})
async def test_wrong_settings_stop_the_boot(wire):
    message = "UPSTREAMS.*TOTL.*: unknown key; did you mean 'TOTAL'?"
    with pytest.raises(LifespanFailed, match=message):
        async with running(application):
            raise AssertionError("started")


async def test_clients_are_closed_with_the_lifespan(wire):
    async with running(application):
        assert wire("quotes").events == ["opened"]
    assert wire("quotes").events == ["opened", "closed"]


async def test_an_upstream_that_waits_for_a_cancelled_task_is_named(wire, monkeypatch):
    async def on_open():
        task = asyncio.create_task(asyncio.sleep(60))
        task.cancel()
        await task

    monkeypatch.setattr(quotes, "on_open", on_open)
    with pytest.raises(LifespanFailed, match="upstream quotes: on_open failed: CancelledError"):
        async with running(application):
            raise AssertionError("started")


async def test_an_error_in_a_test_still_closes_the_clients(wire):
    with pytest.raises(LookupError):
        async with running(application):
            raise LookupError("of the test")
    assert wire("quotes").events == ["opened", "closed"]


async def test_a_full_collection_of_garbage_does_not_look_at_what_came_with_the_service(wire):
    before = len(gc.get_objects())
    async with running(application):
        assert len(gc.get_objects()) < before / 100
    assert len(gc.get_objects()) > before / 2
