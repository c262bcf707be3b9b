import asyncio

import pytest


def head(content_type="text/event-stream", status="200 OK", end="transfer-encoding: chunked"):
    return f"HTTP/1.1 {status}\r\ncontent-type: {content_type}\r\n{end}\r\n\r\n".encode()


def chunk(data):
    return b"%x\r\n%s\r\n" % (len(data), data)


END = chunk(b"")


async def here(function):
    return await function()


async def elsewhere(function):
    return await asyncio.to_thread(lambda: asyncio.run(function()))


@pytest.fixture(params=[here, elsewhere])
def run(request):
    """Runs a coroutine function in the loop that owns the clients, and in another one."""
    return request.param
