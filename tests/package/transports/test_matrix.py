"""The same behaviour of every transport, under all policies, against a real server."""

import asyncio
import socket

import pytest
from transport.waiting import until
from upstreams import (
    UpstreamConnectionError,
    UpstreamResponseTooLarge,
    UpstreamStatusError,
    UpstreamTimeout,
)

BIG = b"0123456789abcdef" * 65536  # 1 MiB


async def test_a_response_arrives_with_its_headers(tested, upstream):
    upstream.serve("/a", b"good", x_tag="a")
    response = await tested.get("a", params={"q": "x y"}, headers={"X-Own": "1"})
    assert (response.status_code, response.content, response.headers["x-tag"]) == (200, b"good", "a")
    assert upstream.requests[0][0] == "GET"


async def test_another_status_is_an_error_with_its_body(tested, upstream):
    upstream.serve("/a", b"none", 404)
    with pytest.raises(UpstreamStatusError) as caught:
        await tested.get("a")
    assert (caught.value.response.status_code, caught.value.response.content) == (404, b"none")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_body_is_sent(tested, upstream, method):
    upstream.serve("/a")
    await tested.request(method, "a", json={"a": 1})
    assert upstream.requests == [(method, "/a", b'{"a":1}')]


async def test_a_streamed_body_is_sent(tested, upstream):
    async def body():
        for n in range(100):
            yield b"%03d" % n * 1000
            await asyncio.sleep(0)

    upstream.serve("/a")
    await tested.post("a", content=body())
    assert upstream.requests == [("POST", "/a", b"".join(b"%03d" % n * 1000 for n in range(100)))]


async def test_an_error_of_the_callers_body_is_the_callers(tested, upstream):
    class Broken(Exception):
        pass

    async def body():
        yield b"a"
        raise Broken

    upstream.serve("/a")
    with pytest.raises(Broken):
        await tested.post("a", content=body())
    upstream.serve("/b")
    assert (await tested.get("b")).content == b"good"


async def test_a_streamed_response_arrives_before_it_ends(tested, upstream):
    upstream.serve("/a", b"first", then="hang")
    async with tested.stream("GET", "a") as response:
        assert await anext(response.aiter_bytes()) == b"first"
    await upstream.all_closed()


async def test_a_whole_stream_leaves_its_connection_to_the_next(tested, upstream):
    upstream.serve("/a", BIG)
    async with tested.stream("GET", "a") as response:
        assert b"".join([part async for part in response.aiter_bytes()]) == BIG
    upstream.serve("/b")
    await tested.get("b")
    assert upstream.accepted == 1


async def test_a_cut_body_is_an_error_of_receiving(tested, upstream):
    upstream.serve("/a", b"half", then="close")
    with pytest.raises(UpstreamConnectionError, match="in the body") as caught:
        await tested.get("a")
    assert caught.value.phase == "receive"


async def test_a_connection_without_a_response_is_an_error_of_sending(tested, upstream):
    upstream.serve("/a", b"", then="close")
    with pytest.raises(
        UpstreamConnectionError, match=r"new, to 127.0.0.1:[0-9]+ was (lost|reset) before any"
    ) as caught:
        await tested.post("a", json={})
    assert (caught.value.phase, caught.value.reused, caught.value.attempts) == ("send", False, 1)


async def test_a_refused_connection_names_the_address(opened):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    tested = await opened(f"http://127.0.0.1:{port}")
    with pytest.raises(UpstreamConnectionError, match=f"127.0.0.1:{port}: it refuses connections") as caught:
        await tested.get("a")
    assert caught.value.phase == "connect"


async def test_a_name_without_an_address_is_named(opened, names):
    tested = await opened("http://localhost:9")
    with pytest.raises(UpstreamConnectionError, match="the name localhost does not resolve") as caught:
        await tested.get("a")
    assert caught.value.phase == "connect"


async def test_a_server_that_accepts_nothing_takes_connect_timeout(opened):
    with socket.create_server(("127.0.0.1", 0), backlog=1) as full:
        port = full.getsockname()[1]
        held = [socket.socket() for _ in range(4)]
        for one in held:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        tested = await opened(f"http://127.0.0.1:{port}", CONNECT_TIMEOUT=0.1)
        with pytest.raises(UpstreamConnectionError, match=r"within CONNECT_TIMEOUT, 0\.1 s") as caught:
            await tested.get("a")
        assert caught.value.limit.key == "CONNECT_TIMEOUT"
        for one in held:
            one.close()


async def test_a_silent_upstream_takes_attempt_timeout_and_its_connection_is_closed(upstream, opened):
    tested = await opened(upstream.url, ATTEMPT_TIMEOUT=0.2, CONNECT_TIMEOUT=0.2)
    upstream.serve("/a", b"", then="hang")
    with pytest.raises(UpstreamTimeout, match="ATTEMPT_TIMEOUT"):
        await tested.get("a")
    await upstream.all_closed()


async def test_a_cancelled_call_closes_its_connection(tested, upstream):
    upstream.serve("/a", b"", then="hang")
    call = asyncio.create_task(tested.get("a"))
    await until(lambda: upstream.requests)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await upstream.all_closed()


async def test_a_huge_response_is_refused_before_it_has_arrived(upstream, opened):
    tested = await opened(upstream.url, MAX_RESPONSE_SIZE=100_000)
    upstream.serve("/a", BIG)
    with pytest.raises(UpstreamResponseTooLarge):
        await tested.get("a")


async def test_a_compressed_body_is_decoded_once(tested, upstream):
    import gzip

    upstream.serve("/a", gzip.compress(b"good"), content_encoding="gzip")
    assert (await tested.get("a")).content == b"good"


async def test_ten_calls_at_once(tested, upstream):
    for n in range(10):
        upstream.serve(f"/{n}", b"%d" % n)
    responses = await asyncio.gather(*(tested.get("{n}", n=n) for n in range(10)))
    assert [one.content for one in responses] == [b"%d" % n for n in range(10)]


async def test_a_redirect_is_not_followed(tested, upstream):
    upstream.serve("/a", b"", 302, location="/b")
    upstream.serve("/b")
    with pytest.raises(UpstreamStatusError, match="status 302"):
        await tested.get("a")
    assert len(upstream.requests) == 1


async def test_a_cookie_is_not_kept(tested, upstream):
    upstream.serve("/a", set_cookie="a=b")
    await tested.get("a")
    await tested.get("a")
    assert len(upstream.requests) == 2
