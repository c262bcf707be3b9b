"""A request that runs on after its deadline: the log names it, the metrics count it, and many of them end the process."""

import asyncio

import pytest
from testproject.driver import Client
from upstreams.core import debugger

from asgi.stuck.parts import HOST, LOGGER, logged, stuck


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("in_thread", "in in_thread"),
        ("through_a_thread", "in in_thread"),
        ("through_the_loop", "in through_the_loop"),
        ("swallowing", "in swallowing"),
    ],
)
async def test_a_stuck_request_is_named_once_with_its_stack_and_when_it_ends(
    ask, hanging, caplog, name, inside
):
    before = stuck()
    (request,) = await ask(name)
    await logged(caplog, "is stuck")
    assert stuck() == before + 1
    (record,) = [record for record in caplog.records if record.name == LOGGER]
    said = record.getMessage()
    assert said.startswith(
        f"request GET /{name}/<int:number> is stuck: it runs on after its deadline,"
        ' UPSTREAMS_TIMEOUTS["REQUEST"], and keeps its place; it is in:\n'
    )
    assert inside in said
    assert "conftest.py" in said
    hanging.release()
    await request
    assert stuck() == before
    last = [record.getMessage() for record in caplog.records if record.name == LOGGER][-1]
    assert last.startswith(f"request GET /{name}/<int:number> has ended, ")


async def test_a_late_view_that_is_cancelled_is_not_stuck(ask, caplog):
    (request,) = await ask("ending")
    await request
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(0.1, passed.set)  # beyond END_TIMEOUT
    await passed.wait()
    assert [record for record in caplog.records if record.name == LOGGER] == []


async def test_nothing_is_stuck_under_a_debugger(application, hanging, monkeypatch, caplog):
    monkeypatch.setattr(debugger, "in_use", True)
    client = Client()
    request = asyncio.create_task(client.ask(application, path="/in_thread/1", **HOST))
    passed = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, passed.set)  # beyond REQUEST and END_TIMEOUT
    await passed.wait()
    assert (client.sent, [one for one in caplog.records if one.name == LOGGER]) == ([], [])
    hanging.release()
    assert await request == 200
