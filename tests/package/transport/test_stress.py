"""Two thousand calls to an upstream that tries to have one caller receive the response to another."""

import asyncio
import random

import pytest
import uvloop
from upstreams import UpstreamError
from upstreams.core.call import Call
from upstreams.core.definition import parse
from upstreams.core.httpx import Request
from upstreams.transport.http1_transport import HTTP1Transport

from transport.waiting import until

CALLS, AT_ONCE = 2000, 40
MOODS = ["good"] * 12 + ["cut", "cut", "garbage", "excess", "excess", "early", "early", "hang", "silent"]
HINTS = b"HTTP/1.1 103 -\r\nx-of: 103\r\n\r\n"
LENGTH = "content-length: {size}\r\n\r\n"
FRAMINGS = [
    *[LENGTH] * 4,
    "connection: close\r\n" + LENGTH,
    "transfer-encoding: chunked\r\n\r\n{size:x}\r\n",
    "connection: close\r\nx-until: the end\r\n\r\n",
]


def unit(path):
    """A response that is right for one caller. Bodies consist of it: a caller that reads another's body accepts it."""
    return f"HTTP/1.1 200 OK\r\ncontent-length: {len(path)}\r\n\r\n{path}".encode()


async def rounds(number):
    for _ in range(number):
        await asyncio.sleep(0)


class Upstream:
    """Answers with what belongs to the path, again and again, mostly; `draw` says how, and what goes wrong."""

    def __init__(self, draw):
        self.open = 0
        self._draw = draw

    async def serve(self, reader, writer):
        self.open += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, RuntimeError, asyncio.IncompleteReadError):
            pass  # uvloop raises a RuntimeError where others raise a ConnectionError
        finally:
            self.open -= 1
            writer.close()

    async def _exchange(self, reader, writer):
        request = (await reader.readuntil(b"\r\n\r\n")).decode()
        method, path, _ = request.split(" ", 2)
        mood = self._draw.choice(MOODS)
        pieces = self._pieces(method, unit(path), mood)
        if mood == "early":  # before it has read the body
            await self._send(writer, pieces)
        if "chunked" in request:
            while await reader.readuntil(b"\r\n") != b"0\r\n":
                pass
            await reader.readuntil(b"\r\n")
        if mood not in ("early", "silent"):
            await self._send(writer, pieces)
        if mood == "hang":
            await reader.read()
        return mood in ("good", "excess", "early") and b"connection: close" not in pieces[0]

    def _pieces(self, method, content, mood):
        times = self._draw.choice([1, 1, 1, 1, 2, 5, 50, 5000])
        framing = self._draw.choice(FRAMINGS)
        head = b"HTTP/1.1 200 OK\r\n" + framing.format(size=times * len(content)).encode()
        if self._draw.random() < 0.2:
            head = HINTS + head
        if method == "HEAD":
            head, times = head.removesuffix(b"%x\r\n" % len(content * times)), 0
        each = 1 + times // self._draw.choice([1, 3, 20])
        pieces = [head, *[content * min(each, times - sent) for sent in range(0, times, each)]]
        if "chunked" in framing and times:
            pieces.append(b"\r\n0\r\n\r\n")
        if self._draw.random() < 0.5:
            pieces[:2] = [b"".join(pieces[:2])]
        if mood == "garbage":
            pieces[0] = self._draw.randbytes(20) + pieces[0]
        if mood in ("cut", "hang"):
            at = self._draw.randrange(len(pieces))
            pieces[at:] = [pieces[at][: self._draw.randrange(len(pieces[at]))]]
        if mood == "excess" and "x-until" not in framing:  # where a body ends with the connection, it is body
            foreign = unit("/foreign")
            pieces[-1] += foreign[: self._draw.randrange(1, len(foreign) + 1)]
        return pieces

    async def _send(self, writer, pieces):
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await rounds(self._draw.choice([0, 1, 10]))


class Caller:
    """Makes calls, and gives some of them up at any moment."""

    def __init__(self, transport, url, draw):
        self.right = self.failed = self.cancelled = 0
        self.wrong = []
        self._transport = transport
        self._url = url
        self._draw = draw

    async def call(self, number):
        task = asyncio.create_task(self._ask(f"/call-{number}-"))
        if self._draw.random() < 0.2:
            await rounds(self._draw.randrange(12))
            task.cancel()
        await asyncio.wait([task])
        if task.cancelled():
            self.cancelled += 1
        elif isinstance(task.exception(), UpstreamError | TimeoutError):
            self.failed += 1
        else:
            task.result()

    async def _ask(self, path):
        method = self._draw.choice(["GET", "GET", "GET", "HEAD", "POST"])
        call = Call("stressed", method, path, stream=self._draw.random() < 0.4)
        content = self._upload() if method == "POST" else None
        request = Request(method, self._url + path, content=content, extensions={"call": call})
        enough = self._draw.choice([1, 1000, 2**30])  # bytes of a stream after which its reader leaves
        async with asyncio.timeout(0.2):
            response = await self._transport.handle_async_request(request)
            body = b""
            try:
                async for chunk in response.stream:
                    body += chunk
                    if call.stream and len(body) >= enough:
                        break
            finally:
                await response.stream.aclose()
        content = unit(path)
        size = int(response.headers.get("content-length", 0))
        whole = len(body) == size or method == "HEAD" or call.stream or not size
        expected = (content * (1 + len(body) // len(content)))[: len(body)]
        if whole and body == expected and size % len(content) == 0 and "x-of" not in response.headers:
            self.right += 1
        else:
            self.wrong.append((path, size, len(body), body[:200]))

    async def _upload(self):
        for _ in range(self._draw.randrange(5)):
            yield b"x" * self._draw.choice([1, 1000, 100_000])
            await asyncio.sleep(0)


async def stress(seed):
    draw = random.Random(seed)
    upstream = Upstream(draw)
    server = await asyncio.start_server(upstream.serve, "127.0.0.1", limit=2**20)
    url = "http://127.0.0.1:{1}".format(*server.sockets[0].getsockname())
    transport = HTTP1Transport(parse({"stressed": {"BASE_URL": url}})[0]["stressed"])
    caller = Caller(transport, url, draw)

    async def some(start):
        for number in range(start, CALLS, AT_ONCE):
            await caller.call(number)

    async with asyncio.timeout(60):
        await asyncio.gather(*(some(start) for start in range(AT_ONCE)))
        in_use, _, _ = transport.pool.counts
        await transport.aclose()
        await until(lambda: not upstream.open)
        server.close()
        await server.wait_closed()
        await until(lambda: len(asyncio.all_tasks()) == 1)
    return caller, in_use, transport.pool.counts


@pytest.mark.parametrize("new_loop", [asyncio.new_event_loop, uvloop.new_event_loop])
@pytest.mark.parametrize("seed", [1, 2])
def test_every_caller_gets_its_own_response_or_none(new_loop, seed):
    with asyncio.Runner(loop_factory=new_loop) as runner:
        caller, in_use, at_last = runner.run(stress(seed))
    assert caller.wrong == []
    assert (in_use, at_last) == (0, (0, 0, 0.0))
    assert caller.right + caller.failed + caller.cancelled == CALLS
    assert min(caller.right, caller.failed, caller.cancelled) > 100
