"""How often a request wakes its thread up: each time costs as much as a query."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import ClassVar

import pytest
from django.core.cache import BaseCache, caches
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.request_executor import RequestExecutor

from fastpath.threads import ask


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = "fastpath.threads"


@pytest.fixture
def handler():
    return Handler


@pytest.fixture
def turns(monkeypatch):
    """The pieces of work that threads were given."""
    seen = []
    submit = ThreadPoolExecutor.submit

    def submitted(self, work, *more):
        seen.append(work)
        return submit(self, work, *more)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", submitted)
    return seen


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/in-loop", 0),
        ("/thread", 1),
        ("/in-async", 2),  # what the view gives it, and tidying after it
        ("/template", 3),  # the view, its template, tidying
    ],
)
async def test_a_thread_is_woken_up_no_more_often_than_it_has_to(executors, turns, path, count):
    await ask(executors, path)
    await executors.back.get()
    assert len(turns) == count


async def test_a_request_waits_for_what_its_view_left_running(executors, gate):
    asking = asyncio.create_task(ask(executors, "/leaves", gate=gate))
    await gate.entered.get()
    await asyncio.wait([asking], timeout=0.05)
    assert not asking.done()
    gate.open.set()
    await asking


async def test_nor_does_it_forget_the_one_when_another_that_waited_for_it_is_cancelled(executors, gate):
    asking = asyncio.create_task(ask(executors, "/leaves-two", gate=gate))
    await asyncio.wait([asking], timeout=0.1)
    assert not asking.done()
    gate.open.set()
    await asking


@pytest.fixture
def closing(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "upstreams.fastpath.request_executor.close_old_connections", lambda: seen.append("tidied")
    )
    return seen


@pytest.fixture
def executor():
    executor = RequestExecutor()
    yield executor
    executor.end()


def cleared(executor):
    done = threading.Event()
    executor.release(done.set)
    return done.wait(5)


def test_what_a_thread_is_given_after_it_was_tidied_is_tidied_too(closing, executor):
    executor.submit(executor.close_connections).result()
    executor.submit(int).result()
    assert cleared(executor)
    assert closing == ["tidied"] * 3  # before the first, with it, and after the second


def test_a_view_within_other_work_leaves_tidying_to_the_end(closing, executor):
    executor.submit(int).result()
    executor.submit(executor.close_connections).result()
    assert len(closing) == 1
    assert cleared(executor)
    assert len(closing) == 2


def test_a_connection_that_cannot_be_closed_does_not_harm_the_answer(executor, monkeypatch, caplog):
    def fails():
        raise OSError("lost")

    def view():
        monkeypatch.setattr("upstreams.fastpath.request_executor.close_old_connections", fails)
        executor.close_connections()
        return "answer"

    assert executor.submit(view).result() == "answer"
    monkeypatch.undo()
    assert cleared(executor)
    assert "a database connection cannot be closed" in caplog.text


class Connected(BaseCache):
    """A cache with something to close after each request."""

    closed: ClassVar[list[str]] = []

    def __init__(self, *_):
        super().__init__({})

    def close(self, **_):
        self.closed.append(threading.current_thread().name)


@pytest.fixture
def closing_cache(settings):
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Connected"}}


@pytest.mark.parametrize(("path", "thread"), [("/thread", "request"), ("/in-loop", "MainThread")])
async def test_a_cache_that_has_something_to_close_closes_where_it_was_used(
    closing_cache, executors, path, thread
):
    assert caches["default"].closed == []
    await ask(executors, path)
    assert [name.partition("-")[0] for name in Connected.closed] == [thread]
    Connected.closed.clear()
