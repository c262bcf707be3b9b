"""The events of the page: what they hold, who gets them, and when they end."""

import asyncio
import json
from contextlib import aclosing

import pytest
from django.contrib.auth.models import User
from testproject.quotes import quotes
from upstreams.contrib.upstreams_page import views, watch, worker

from contrib.upstreams_page.pages import EVENTS


@pytest.fixture(autouse=True)
def fast(monkeypatch):
    monkeypatch.setattr(watch, "INTERVAL", 0.01)


async def events(response):
    """The data of each event."""
    async for line in response.aiter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


async def until(found, key, value):
    async with asyncio.timeout(10):
        async for event in found:
            if event.get(key) == value:
                return event
    raise AssertionError("the events have ended")


async def test_the_first_event_has_everything_and_the_next_what_changed(aclient, operator, upstream_mock):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    async with aclient.stream("GET", EVENTS) as response, aclosing(events(response)) as found:
        first = await anext(found)
        assert first["u-quotes-state"] == ["no call yet", ""]
        assert first["u-quotes-failed"] == {"rows": []}
        await quotes.random()
        later = await until(found, "u-quotes-state", ["reachable", "good"])
        assert "u-quotes-limits" not in later


async def test_all_lookers_get_the_same_bytes_and_the_last_one_ends_the_looking(aclient, operator):
    async with aclient.stream("GET", EVENTS) as one, aclient.stream("GET", EVENTS) as other:
        await anext(events(one))
        await anext(events(other))
        (task,) = [task for task in asyncio.all_tasks() if "look_again" in repr(task)]
    async with asyncio.timeout(10):
        await asyncio.wait([task])
    assert task.cancelled()


async def test_a_look_that_fails_is_logged_and_the_next_one_comes(aclient, operator, monkeypatch, caplog):
    refresh, failures = watch.Workers.refresh, iter([RuntimeError("broken")])

    async def fails_once(self):
        if self.by_pid and (error := next(failures, None)):
            raise error
        await refresh(self)

    monkeypatch.setattr(watch.Workers, "refresh", fails_once)
    async with aclient.stream("GET", EVENTS) as response, aclosing(events(response)) as found:
        await anext(found)
        monkeypatch.setattr(views, "CHECK_INTERVAL", 1e9)
        await until(found, "u-quotes-workers", None)
    assert "the upstreams page could not look at the workers" in caplog.text


@pytest.mark.parametrize("change", [{"is_active": False}, {"is_staff": False}, {"password": "another"}])
async def test_who_may_not_look_any_more_gets_no_further_event(
    aclient, operator, failed, monkeypatch, change
):
    monkeypatch.setattr(views, "CHECK_INTERVAL", 0.0)
    async with aclient.stream("GET", EVENTS) as response, aclosing(events(response)) as found:
        await anext(found)
        await User.objects.aupdate(**change)
        async with asyncio.timeout(10):
            async for _ in found:
                pass


async def test_a_process_that_drains_ends_them_and_begins_none(aclient, operator, monkeypatch):
    is_draining = False
    monkeypatch.setattr(worker, "is_draining", lambda: is_draining)
    async with aclient.stream("GET", EVENTS) as response, aclosing(events(response)) as found:
        await anext(found)
        is_draining = True
        async with asyncio.timeout(10):
            async for _ in found:
                pass
    assert (await aclient.get(EVENTS)).status_code == 503
