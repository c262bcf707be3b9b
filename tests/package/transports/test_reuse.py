"""How long connections are kept, what is counted, and what is sent again."""

import asyncio

import pytest
from transport.waiting import until
from upstreams import UpstreamConnectionError
from upstreams.clients.registry import clients_by_loop
from upstreams.policies.base import policies_of
from upstreams.testing.loopback import http_response


def transport():
    """The innermost transport of the open client."""
    client = clients_by_loop[asyncio.get_running_loop()].by_alias["tested"]
    return list(policies_of(client))[-1]


async def test_a_connection_is_used_again_and_counted(tested, upstream):
    upstream.serve("/a")
    for _ in range(3):
        await tested.get("a")
    assert upstream.accepted == 1
    assert transport().counts[:2] == (0, 1)
    assert 0 <= transport().counts.age < 10
    upstream.serve("/hang", b"", then="hang")
    call = asyncio.create_task(tested.get("hang"))
    await until(lambda: len(upstream.requests) == 4)
    assert transport().counts[:2] == (1, 0)
    call.cancel()
    await asyncio.wait([call])
    assert transport().counts[:2] == (0, 0)


async def test_a_pool_that_is_renewed_uses_no_open_connection_again(tested, upstream):
    upstream.serve("/a")
    await tested.get("a")
    transport().renew()
    await upstream.all_closed()
    await tested.get("a")
    assert upstream.accepted == 2


async def test_an_idle_connection_closes_in_time(upstream, opened):
    tested = await opened(upstream.url, POOL_IDLE_TIMEOUT=0.1)
    upstream.serve("/a")
    await tested.get("a")
    await upstream.all_closed()
    await tested.get("a")
    assert upstream.accepted == 2


async def test_a_connection_is_renewed_at_its_age_and_calls_on_it_end(upstream, opened, kind):
    tested = await opened(upstream.url, CONNECTION_MAX_AGE=0.2)
    upstream.serve("/a")
    upstream.serve("/slow", b"first", then="hang")
    async with tested.stream("GET", "slow") as response:
        assert await anext(response.aiter_bytes()) == b"first"
        await tested.get("a")
        before = upstream.accepted
        await asyncio.sleep(0.25)  # the age of a connection is no event
        await tested.get("a")
        assert upstream.accepted == before + 1
    await until(lambda: transport().counts[:2] == (0, 1))


@pytest.mark.parametrize("kind", ["http1", "httpx", "aiohttp"], indirect=True)
async def test_a_connection_for_each_call(upstream, opened):
    tested = await opened(upstream.url, REUSE_CONNECTIONS=False)
    upstream.serve("/a")
    for _ in range(3):
        await tested.get("a")
    assert upstream.accepted == 3
    await upstream.all_closed()


@pytest.mark.parametrize("kind", ["http1", "httpx", "aiohttp"], indirect=True)
@pytest.mark.parametrize(("method", "sent"), [("GET", 3), ("POST", 2)])
async def test_only_what_is_safe_is_sent_again_after_a_lost_connection(loopback, opened, method, sent):
    tested = await opened(loopback.url, MAX_ATTEMPTS=2)
    loopback.on("/a", http_response(b"good")).on("/a", "close").on("/a", http_response(b"again"))
    await tested.get("a")
    if method == "GET":
        assert (await tested.get("a")).content == b"again"
    else:
        with pytest.raises(UpstreamConnectionError) as caught:
            await tested.post("a", json={})
        assert (caught.value.phase, caught.value.reused, caught.value.attempts) == ("send", True, 1)
    assert len(loopback.requests) == sent


@pytest.mark.parametrize("kind", ["http1", "httpx", "aiohttp"], indirect=True)
async def test_no_library_sends_a_request_again_by_itself(loopback, opened):
    tested = await opened(loopback.url, MAX_ATTEMPTS=1)
    loopback.on("/a", http_response(b"good")).on("/a", "close").on("/a", http_response(b"again"))
    await tested.get("a")
    with pytest.raises(UpstreamConnectionError, match="the connection, reused, to"):
        await tested.get("a")
    assert len(loopback.requests) == 2


@pytest.mark.parametrize("kind", ["http2"], indirect=True)
@pytest.mark.parametrize("then", ["close", "goaway", "reset"])
async def test_a_post_over_http2_is_not_sent_again(upstream, opened, then):
    tested = await opened(upstream.url, MAX_ATTEMPTS=2)
    upstream.serve("/a", b"", then=then)
    with pytest.raises(UpstreamConnectionError) as caught:
        await tested.post("a", json={})
    assert (caught.value.phase, len(upstream.requests)) == ("send", 1)
    with pytest.raises(UpstreamConnectionError):
        await tested.get("a")
    assert len(upstream.requests) == 3


async def test_a_connection_that_ended_while_idle_is_not_used(upstream, opened, kind):
    tested = await opened(upstream.url)
    upstream.serve("/a")
    await tested.get("a")
    await upstream.end_idle()
    assert (await tested.post("a", json={})).content == b"good"
    assert upstream.accepted == 2


@pytest.mark.parametrize("kind", ["http2"], indirect=True)
async def test_calls_that_are_lost_together_are_failures_of_the_upstream(upstream, opened):
    tested = await opened(upstream.url)
    upstream.serve("/a")
    upstream.serve("/hang", b"", then="hang")
    upstream.serve("/close", b"", then="close")
    await tested.get("a")
    with pytest.raises(UpstreamConnectionError) as alone:
        await tested.get("close")
    await tested.get("a")
    hanging = [asyncio.create_task(tested.get("hang")) for _ in range(3)]
    await until(lambda: len(upstream.requests) == 6)
    with pytest.raises(UpstreamConnectionError) as last:
        await tested.get("close")
    together = [last.value, *await asyncio.gather(*hanging[1:], return_exceptions=True)]
    await asyncio.wait(hanging)
    assert alone.value.was_stale
    assert [error.was_stale for error in together] == [False] * 3


@pytest.mark.parametrize("kind", ["http2"], indirect=True)
async def test_calls_share_one_connection_of_http2(upstream, opened):
    tested = await opened(upstream.url, MAX_CONNECTIONS=10)
    upstream.serve("/a")
    await tested.get("a")
    await asyncio.gather(*(tested.get("a") for _ in range(10)))
    assert upstream.accepted == 1
    assert (await tested.get("a")).http_version == "HTTP/2"


@pytest.mark.parametrize("kind", ["http2"], indirect=True)
async def test_a_stream_of_http2_that_is_given_up_leaves_the_others_alone(upstream, opened):
    tested = await opened(upstream.url)
    upstream.serve("/slow", b"first", then="hang")
    upstream.serve("/hang", b"", then="hang")
    async with tested.stream("GET", "slow") as response:
        parts = response.aiter_bytes()
        assert await anext(parts) == b"first"
        given_up = asyncio.create_task(tested.get("hang"))
        await until(lambda: len(upstream.requests) == 2)
        given_up.cancel()
        await asyncio.wait([given_up])
        upstream.serve("/a")
        await tested.get("a")  # over a new connection: the old one still carries what nobody reads
        assert upstream.accepted == 2
        rest = asyncio.ensure_future(anext(parts))
        await asyncio.wait([rest], timeout=0.05)
        assert not rest.done()
        rest.cancel()
        await asyncio.wait([rest])


async def test_the_end_closes_what_is_open(upstream, define, kind):
    from upstreams import Upstream
    from upstreams.clients.pools import open_clients

    define(tested={"BASE_URL": upstream.url, "TRANSPORT": kind})
    upstream.serve("/a")
    async with open_clients():
        await Upstream("tested").get("a")
    await upstream.all_closed()


async def test_a_transport_that_closes_ends_its_calls(tested, upstream):
    upstream.serve("/a", b"", then="hang")
    call = asyncio.create_task(tested.get("a"))
    await until(lambda: upstream.requests)
    await transport().aclose()
    with pytest.raises(UpstreamConnectionError):
        await call
    await upstream.all_closed()
