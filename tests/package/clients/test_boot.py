"""What happens when the service cannot start: it says which upstream, and leaves nothing open."""

import asyncio
import gc

import pytest
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams.clients import registry
from upstreams.testing.lifespan import LifespanFailed, run_lifespan


async def fails() -> None:
    raise RuntimeError("no token")


async def hangs() -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("on_startup", "message"),
    [
        (fails, "upstream quotes: on_startup failed: RuntimeError('no token')"),
        (hangs, "upstream quotes: on_startup took longer than STARTUP_TIMEOUT, 0.05 s"),
    ],
)
@pytest.mark.upstreams(quotes={"STARTUP_TIMEOUT": 0.05})
async def test_an_upstream_that_does_not_open_is_named(upstream_mock, monkeypatch, on_startup, message):
    monkeypatch.setattr(quotes, "on_startup", on_startup)
    with pytest.raises(LifespanFailed, match=f"^{message.replace('(', '.').replace(')', '.')}$"):
        async with run_lifespan(application):
            raise AssertionError("started")
    assert not registry.are_open()


@pytest.mark.upstreams(first={}, quotes={}, third={})
async def test_those_opened_before_a_failure_are_closed(upstream_mock, monkeypatch):
    monkeypatch.setattr(quotes, "on_startup", fails)
    with pytest.raises(LifespanFailed):
        async with run_lifespan(application):
            raise AssertionError("started")
    assert [upstream_mock(alias).events for alias in ("first", "quotes", "third")] == [
        ["opened", "closed"],
        ["opened", "closed"],
        [],
    ]


@pytest.mark.upstreams(quotes={"TIMOUT": 3})
async def test_wrong_settings_stop_the_boot(upstream_mock):
    message = "UPSTREAMS.*TIMOUT.*: unknown key; did you mean 'TIMEOUT'?"
    with pytest.raises(LifespanFailed, match=message):
        async with run_lifespan(application):
            raise AssertionError("started")


async def test_clients_are_closed_with_the_lifespan(upstream_mock):
    async with run_lifespan(application):
        assert upstream_mock("quotes").events == ["opened"]
    assert upstream_mock("quotes").events == ["opened", "closed"]


async def test_an_upstream_that_waits_for_a_cancelled_task_is_named(upstream_mock, monkeypatch):
    async def on_startup():
        task = asyncio.create_task(asyncio.sleep(60))
        task.cancel()
        await task

    monkeypatch.setattr(quotes, "on_startup", on_startup)
    with pytest.raises(LifespanFailed, match="upstream quotes: on_startup failed: CancelledError"):
        async with run_lifespan(application):
            raise AssertionError("started")


async def test_an_error_in_a_test_still_closes_the_clients(upstream_mock):
    with pytest.raises(LookupError):
        async with run_lifespan(application):
            raise LookupError("of the test")
    assert upstream_mock("quotes").events == ["opened", "closed"]


async def test_a_full_collection_of_garbage_does_not_look_at_what_came_with_the_service(upstream_mock):
    before = len(gc.get_objects())
    async with run_lifespan(application):
        assert len(gc.get_objects()) < before / 100
    assert len(gc.get_objects()) > before / 2
