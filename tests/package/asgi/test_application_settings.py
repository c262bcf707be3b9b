"""Settings that change while an application of the factory runs."""

import asyncio


async def test_limits_are_those_of_the_settings_at_the_time_of_the_request(serve, settings, gate):
    body = {"Content-Length": "6"}
    async with serve() as client:
        before = await client.get("/echo", headers=body)
        settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_BODY_SIZE": 5}
        during = await client.get("/echo", headers=body)
        settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_BODY_SIZE": 50}
        after = await client.get("/echo", headers=body)
    assert [response.status_code for response in (before, during, after)] == [200, 413, 200]


async def test_slots_are_those_of_the_settings_at_the_time_of_the_request(serve, settings, gate):
    async with serve() as client:
        first = asyncio.create_task(client.get("/gate"))
        await gate.entered.wait()
        settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_REQUESTS": 1}
        refused = await client.get("/quotes/random")
        settings.UPSTREAMS_LIMITS = {**settings.UPSTREAMS_LIMITS, "MAX_REQUESTS": 2}
        served = await client.get("/quotes/random")
        gate.open.set()
        await first
    assert (refused.status_code, served.status_code) == (503, 200)


async def test_timeouts_are_those_of_the_settings_at_the_time_of_the_request(serve, settings, gate):
    async with serve() as client:
        settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "REQUEST": 0.05}
        assert (await client.get("/gate")).status_code == 504


async def test_an_override_that_is_wrong_does_not_stop_the_application(serve, settings, gate):
    async with serve() as client:
        settings.UPSTREAMS_TIMEOUTS = {"REQUEST": "soon"}
        settings.UPSTREAMS_TIMEOUTS = {"REQUEST": 15}
        assert (await client.get("/quotes/random")).status_code == 200
