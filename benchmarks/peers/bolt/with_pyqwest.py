"""One shared client of pyqwest, without and with Django's middleware."""

import os
from collections.abc import AsyncIterator

import msgspec
import pyqwest
from django_bolt import BoltAPI
from django_bolt.responses import StreamingResponse

UPSTREAM = os.environ["UPSTREAM"]
# By default it keeps two connections to a host, and has no time limit.
client = pyqwest.Client(pyqwest.HTTPTransport(pool_max_idle_per_host=256, timeout=5, enable_otel=False))
streams = pyqwest.Client(pyqwest.HTTPTransport(read_timeout=60, enable_otel=False))


class Quote(msgspec.Struct):
    text: str
    author: str


class Delta(msgspec.Struct):
    token: str
    at: float


async def quote(which: str) -> Quote:
    response = await client.get(f"{UPSTREAM}/{which}")
    if response.status >= 400:
        raise RuntimeError(f"the upstream responds with {response.status}")
    return msgspec.json.decode(response.content, type=Quote)


async def events() -> AsyncIterator[bytes]:
    async with streams.stream("GET", f"{UPSTREAM}/tokens") as response:
        if response.status >= 400:
            raise RuntimeError(f"the upstream responds with {response.status}")
        rest = b""
        async for chunk in response.content:
            *lines, rest = (rest + chunk).split(b"\n")
            for line in lines:
                if line.startswith(b"data: "):
                    delta = msgspec.json.decode(line[6:], type=Delta)
                    yield b"data: %b\n\n" % msgspec.json.encode(delta)


api = BoltAPI()
api.get("/v1/quotes/{which}")(quote)


@api.get("/v1/tokens")
async def tokens() -> StreamingResponse:
    return StreamingResponse(events(), media_type="text/event-stream")


with_middleware = BoltAPI(django_middleware=True)
with_middleware.get("/v1/quotes/{which}")(quote)
