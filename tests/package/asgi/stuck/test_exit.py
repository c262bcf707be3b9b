"""Stuck requests that hold all places take the process out of service, and end it."""

import asyncio
import logging

import pytest
from upstreams.asgi import stuck_requests
from upstreams.testing.lifespan import run_lifespan

from asgi.stuck.parts import logged, readiness


async def test_stuck_requests_in_all_places_take_the_process_out_of_service_and_end_it(
    application, ask, exits, hanging, caplog
):
    async with run_lifespan(application):
        await ask("in_thread")
        await logged(caplog, "is stuck")
        assert await readiness(application) == (200, "ready\n")
        await ask("swallowing")
        await logged(caplog, "is stuck", times=2)
        reason = "2 stuck requests hold all places of MAX_REQUESTS"
        assert await readiness(application) == (503, f"not ready: {reason}\n")
        assert caplog.text.count(f"readiness: {reason}") == 1
        async with asyncio.timeout(30):
            await exits.wait()
    last = [record for record in caplog.records if record.name.startswith("upstreams.asgi")][-1]
    assert last.levelno == logging.CRITICAL
    assert last.getMessage() == f"exit with code 1: {reason} for STUCK_REQUESTS_EXIT, 0.1 s"
    hanging.release()


async def test_a_request_that_ends_in_time_keeps_the_process(
    application, ask, exits, hanging, settings, caplog
):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 0.1, "STUCK_REQUESTS_EXIT": 1}
    async with run_lifespan(application):
        requests = await ask("swallowing", "swallowing")
        await logged(caplog, "is stuck", times=2)
        assert (await readiness(application))[0] == 503
        hanging.release()
        await asyncio.gather(*requests)
        assert await readiness(application) == (200, "ready\n")
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(1.2, passed.set)  # beyond STUCK_REQUESTS_EXIT
        await passed.wait()
    assert not exits.is_set()


async def test_the_time_begins_anew_when_another_request_takes_the_place_of_one_that_ended():
    found, ended, loop = stuck_requests.StuckRequests(lambda: 1), asyncio.Event(), asyncio.get_running_loop()
    found.exit_after, found.on_exit = 1, lambda reason: ended.set()
    first, second = object(), object()
    found.add(first)
    await asyncio.sleep(0.1)
    found.discard(first)
    found.add(second)
    began = loop.time()
    await ended.wait()
    found.discard(second)
    assert loop.time() - began > 0.99


@pytest.mark.parametrize("how", ["0", "DEBUG"])
async def test_the_process_stays_where_it_is_told_to(application, ask, exits, hanging, settings, caplog, how):
    settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 0.1, "STUCK_REQUESTS_EXIT": 0 if how == "0" else 0.1}
    settings.DEBUG = how == "DEBUG"
    settings.UPSTREAMS_TIMEOUTS = settings.UPSTREAMS_TIMEOUTS  # read with DEBUG
    async with run_lifespan(application):
        await ask("swallowing", "swallowing")
        await logged(caplog, "is stuck", times=2)
        passed = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, passed.set)
        await passed.wait()
        assert (await readiness(application))[0] == (503 if how == "0" else 200)
        hanging.release()
    assert not exits.is_set()
