"""What is recorded of connections: new or reused, and what opening one took."""

import pytest
from testproject.quotes import quotes
from upstreams.testing.loopback import http_response

QUOTE = {"text": "a", "author": "b"}


async def attempts(calls, times=2):
    for _ in range(times):
        await quotes.random()
    return [attempt for call in calls() for attempt in call["attempts"]]


async def test_the_second_call_reuses_the_connection_of_the_first(loopback, calls):
    loopback.on("/random", http_response(QUOTE))
    first, second = await attempts(calls)
    assert (first["connection"], second["connection"]) == ("new", "reused")
    assert (list(first["connecting_ms"]), second["connecting_ms"]) == (["name", "connect"], {})
    assert sum(first["connecting_ms"].values()) <= first["duration_ms"]


@pytest.mark.parametrize("transport", ["httpx", "aiohttp"])
async def test_so_it_does_over_another_transport(loopback, define, calls, transport):
    define(quotes={"BASE_URL": loopback.url, "TRANSPORT": transport})
    loopback.on("/random", http_response(QUOTE))
    first, second = await attempts(calls)
    assert (first["connection"], second["connection"]) == ("new", "reused")


async def test_a_mock_has_no_connections(upstream_mock, calls):
    upstream_mock("quotes").get("random").json(QUOTE)
    (found,) = await attempts(calls, 1)
    assert (found["connection"], found["requests"]) == (None, 1)


async def test_bytes_are_those_on_the_wire(loopback, calls):
    loopback.on("/random", http_response(QUOTE))
    (found,) = await attempts(calls, 1)
    assert (found["bytes_sent"], found["bytes_received"]) == (0, len('{"text": "a", "author": "b"}'))
