"""Streams in another event loop than the one that owns the clients."""

import asyncio
import gc
import threading

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamTimeout
from upstreams.clients import pools
from upstreams.clients.request_builder import build_request
from upstreams.core.call import Call
from upstreams.core.httpx import httpx
from upstreams.testing.loopback import http_response

from clients.elsewhere import elsewhere, is_left

HEAD = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
ONE, TWO, END = b"3\r\none\r\n", b"3\r\ntwo\r\n", b"0\r\n\r\n"
pytestmark = pytest.mark.usefixtures("lifespan")


async def first_chunk():
    async with quotes.stream("GET", "export") as response:
        return await anext(response.aiter_bytes())


async def forget_stream():
    await send_stream()


async def send_stream():
    """Return the response to a stream that nobody closes."""
    return await pools.send(build_request(Call("quotes", "GET", "export", stream=True)))


async def test_a_stream_is_read_and_its_connection_used_again(loopback):
    async def read():
        async with quotes.stream("GET", "export") as response:
            return [chunk async for chunk in response.aiter_raw()]

    loopback.on("/export", HEAD, ONE, TWO, END).on("/random", http_response({}))
    assert b"".join(await elsewhere(read)) == b"onetwo"
    await quotes.get("random")
    assert loopback.accepted == 1


async def test_a_chunk_is_read_before_the_next_one_was_sent_and_the_rest_is_left(loopback):
    loopback.on("/export", HEAD, ONE, "hang")
    assert await elsewhere(first_chunk) == b"one"
    await is_left(loopback)


@pytest.mark.upstreams(quotes={"MAX_STREAMS": 1, "QUEUE_SIZE": 0})
async def test_a_stream_that_is_left_gives_its_slot_back(loopback):
    loopback.on("/export", HEAD, ONE, "hang")
    assert [await elsewhere(first_chunk) for _ in range(3)] == [b"one"] * 3


async def test_a_reader_that_is_cancelled_closes_the_stream(loopback):
    async def cancelled():
        async with quotes.stream("GET", "export") as response:
            chunks = response.aiter_bytes()
            await anext(chunks)
            reading = asyncio.create_task(anext(chunks))
            await asyncio.sleep(0)
            reading.cancel()
            await asyncio.wait([reading])
            assert reading.cancelled()

    loopback.on("/export", HEAD, ONE, "hang")
    await elsewhere(cancelled)
    await is_left(loopback)


@pytest.mark.upstreams(quotes={"STREAM_IDLE_TIMEOUT": 0.05})
async def test_the_time_between_two_chunks_is_limited(loopback):
    async def read():
        async with quotes.stream("GET", "export") as response:
            return [chunk async for chunk in response.aiter_bytes()]

    loopback.on("/export", HEAD, ONE, "hang")
    with pytest.raises(UpstreamTimeout, match="STREAM_IDLE_TIMEOUT"):
        await elsewhere(read)


@pytest.mark.upstreams(quotes={"MAX_STREAMS": 1, "QUEUE_SIZE": 0, "QUEUE_TIMEOUT": 3})
async def test_a_stream_that_nobody_closes_is_closed_with_its_response(loopback):
    loopback.on("/export", HEAD, ONE, "hang")
    gc.disable()  # nothing refers to itself
    try:
        await elsewhere(forget_stream)
        await is_left(loopback)
    finally:
        gc.enable()
    assert await elsewhere(first_chunk) == b"one"


@pytest.mark.upstreams(quotes={"MAX_STREAMS": 1, "QUEUE_SIZE": 0})
async def test_the_response_to_a_caller_that_has_given_up_is_closed(loopback, monkeypatch):
    has_arrived = threading.Event()
    for_others = pools._for_others

    async def send(*args):
        response = await for_others(*args)
        has_arrived.set()
        return response

    async def give_up():
        call = asyncio.create_task(send_stream())
        await asyncio.sleep(0)
        has_arrived.wait(10)  # meanwhile this loop takes no note of the response
        call.cancel()
        await asyncio.wait([call])

    monkeypatch.setattr(pools, "_for_others", send)
    loopback.on("/export", HEAD, ONE, "hang")
    await elsewhere(give_up)
    gc.collect()
    await is_left(loopback)


async def test_a_body_is_sent_a_chunk_at_a_time_from_the_loop_of_its_caller(loopback):
    threads = []

    async def chunks():
        for chunk in (b"one", b"two"):
            threads.append(threading.current_thread())
            yield chunk

    async def send():
        await quotes.post("items", content=chunks())
        return threading.current_thread()

    loopback.on("/items", http_response({}))
    caller = await elsewhere(send)
    assert (loopback.requests[0].body, set(threads)) == (b"onetwo", {caller})


async def test_a_body_that_fails_fails_its_call(loopback):
    closed = []

    async def chunks():
        try:
            yield b"one"
            raise ValueError("mine")
        finally:
            closed.append(threading.current_thread())

    async def send():
        with pytest.raises(ValueError, match="mine"):
            await quotes.post("items", content=chunks())
        return threading.current_thread()

    loopback.on("/items", http_response({}))
    assert [await elsewhere(send)] == closed


@pytest.mark.usefixtures("loopback")
async def test_a_body_whose_call_is_over_is_closed_in_its_own_loop(define):
    async def send():
        is_closed = asyncio.Event()

        async def chunks():
            try:
                while True:
                    yield b"one"
                    await asyncio.sleep(0)
            finally:
                closed_in.append(threading.current_thread())
                is_closed.set()

        await quotes.post("items", content=chunks())
        # httpx2 closes it with the body; httpx leaves it to the garbage collector.
        while httpx.__name__ == "httpx" and not is_closed.is_set():
            gc.collect()
            await asyncio.sleep(0.01)
        await is_closed.wait()
        return threading.current_thread()

    async def respond_early(reader, writer):
        await reader.readuntil(b"one")
        writer.write(http_response({}, headers={"connection": "close"}))
        await writer.drain()
        writer.close()

    closed_in = []
    async with await asyncio.start_server(respond_early, "127.0.0.1") as server:
        define(quotes={"BASE_URL": f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"})
        assert [await elsewhere(send)] == closed_in
