"""While people look at a debugger, the loop may be blocked and no deadline passes."""

import asyncio
import io
import pdb  # noqa: T100 - what the test is about
import threading
import time

import pytest
from testproject.driver import Client, answer
from testproject.quotes import quotes
from upstreams import UpstreamTimeout
from upstreams.asgi import loop_watchdog
from upstreams.asgi.loop_watchdog import HEARTBEAT_INTERVAL, watch_loop
from upstreams.core import context, debugger
from upstreams.core.cancel_scope import CancelScope
from upstreams.core.request_deadline import RequestDeadline

from asgi.admission.doubles import admission


class SlowReader(io.StringIO):
    """Somebody who thinks before typing `c`."""

    def readline(self, *_):
        time.sleep(HEARTBEAT_INTERVAL * 6)
        return "c\n"


def prompt():
    # The tests may be traced themselves, for coverage.
    pdb.Pdb(stdin=SlowReader(), stdout=io.StringIO(), nosigint=True, readrc=False).set_trace()


@pytest.fixture(autouse=True)
def unused(monkeypatch):
    monkeypatch.setattr(debugger, "in_use", False)


@pytest.mark.parametrize("debug", [True, False])
async def test_a_prompt_blocks_the_loop_without_a_word_under_debug(caplog, debug):
    async with watch_loop(HEARTBEAT_INTERVAL, 0, lambda _: None, debug=debug):
        await asyncio.sleep(HEARTBEAT_INTERVAL * 1.5)
        prompt()
        await asyncio.sleep(HEARTBEAT_INTERVAL * 1.5)
    assert debugger.in_use is debug
    assert (caplog.records == []) is debug


async def test_a_prompt_in_a_thread_is_seen_as_well():
    async with watch_loop(60, 0, lambda _: None, debug=True):
        await asyncio.to_thread(prompt)
    assert debugger.in_use


async def test_the_process_never_exits_under_debug(monkeypatch):
    armed = []
    monkeypatch.setattr(loop_watchdog.faulthandler, "dump_traceback_later", lambda *_, **__: armed.append(1))
    async with watch_loop(60, 1, lambda _: None, debug=True):
        await asyncio.sleep(HEARTBEAT_INTERVAL * 1.5)
    assert armed == []


def test_an_attached_debugger_is_seen(monkeypatch):
    monkeypatch.setitem(debugger.sys.modules, "pydevd", threading)
    assert debugger.look()


def test_a_traceback_in_the_making_is_no_debugger():
    assert not debugger.look()


@pytest.mark.parametrize("in_use", [True, False])
async def test_a_scope_is_not_cancelled(monkeypatch, in_use):
    monkeypatch.setattr(debugger, "in_use", in_use)
    with CancelScope(0.01) as scope:
        await asyncio.sleep(0.05)
    assert scope.cancel_called is not in_use


@pytest.mark.parametrize(("in_use", "status"), [(True, 200), (False, 504)])
async def test_a_request_may_take_longer_than_it_may(monkeypatch, in_use, status):
    async def app(scope, receive, send):
        await asyncio.sleep(0.1)
        await answer(send, b"")

    monkeypatch.setattr(debugger, "in_use", in_use)
    assert await Client().ask(admission(app, timeout=0.01)) == status


async def test_a_call_is_made_although_its_request_has_no_time_left(lifespan, upstream_mock, monkeypatch):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    token = context.deadline.set(RequestDeadline(-1))
    with pytest.raises(UpstreamTimeout):
        await quotes.random()
    monkeypatch.setattr(debugger, "in_use", True)
    assert (await quotes.random()).text == "a"
    context.deadline.reset(token)
