"""The time that a call took, as a response has it in the HTTP library: until its body was read, or it was closed."""

from datetime import timedelta

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.testing.loopback import http_response

PAUSE = 0.05
BODY_LATER = (http_response(b"a", headers={"content-length": "2"}), PAUSE, b"b")

pytestmark = pytest.mark.usefixtures("lifespan")


def took_the_pause(response):
    return timedelta(seconds=PAUSE * 0.9) < response.elapsed < timedelta(minutes=1)


async def test_the_time_of_a_call_includes_its_body(loopback):
    loopback.on("/random", *BODY_LATER)
    assert took_the_pause(await quotes.get("random"))


async def test_the_time_of_a_call_includes_its_attempts(loopback):
    loopback.on("/random", PAUSE, http_response(b"", 503, {"retry-after": "0"})).on(
        "/random", http_response({})
    )
    assert took_the_pause(await quotes.get("random"))


@pytest.mark.upstreams(quotes={"CACHE": True})
async def test_the_time_of_a_stored_response_is_its_own(loopback):
    loopback.on("/random", PAUSE, http_response({}, headers={"cache-control": "max-age=60"}))
    first, second = await quotes.get("random"), await quotes.get("random")
    assert took_the_pause(first)
    assert first.elapsed != second.elapsed
    assert len(loopback.requests) == 1


async def test_the_time_of_a_stream_ends_with_its_body(loopback):
    loopback.on("/export", *BODY_LATER)
    async with quotes.stream("GET", "export") as response:
        with pytest.raises(RuntimeError, match="may only be accessed after the response has been read"):
            _ = response.elapsed
        assert [chunk async for chunk in response.aiter_bytes()] == [b"a", b"b"]
        assert took_the_pause(response)


async def test_the_time_of_a_stream_ends_with_its_block(loopback):
    loopback.on("/export", PAUSE, *BODY_LATER)
    async with quotes.stream("GET", "export") as response:
        pass
    assert took_the_pause(response)


async def test_the_error_of_a_call_has_its_time(loopback):
    loopback.on("/random", PAUSE, http_response(b"", 404))
    with pytest.raises(UpstreamStatusError) as caught:
        await quotes.random()
    assert took_the_pause(caught.value.response)


async def test_the_error_of_a_stream_has_its_time(loopback):
    loopback.on("/export", PAUSE, http_response(b"", 404))
    with pytest.raises(UpstreamStatusError) as caught:
        [chunk async for chunk in quotes.export()]
    assert took_the_pause(caught.value.response)


async def test_a_stream_names_its_request_without_the_query(loopback):
    loopback.on("/export", http_response(b"a", headers={"set-cookie": "a=b"}))
    async with quotes.stream("GET", "export", params={"token": "secret"}) as response:
        assert str(response.raise_for_status().url) == f"{loopback.url}/export"
        assert dict(response.cookies) == {"a": "b"}
