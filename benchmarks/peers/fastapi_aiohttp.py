"""FastAPI, a shared aiohttp session of its lifespan."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from aiohttp import ClientSession, TCPConnector
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

UPSTREAM = os.environ["UPSTREAM"]


class Quote(BaseModel):
    text: str
    author: str


class Delta(BaseModel):
    token: str
    at: float


class State(TypedDict):
    session: ClientSession
    streams: ClientSession
    trusted: ssl.SSLContext


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    trusted = ssl.create_default_context(cafile=os.environ["CA"])
    async with (
        ClientSession(connector=TCPConnector(limit=256), raise_for_status=True) as session,
        ClientSession(connector=TCPConnector(limit=1100), raise_for_status=True) as streams,
    ):
        yield {"session": session, "streams": streams, "trusted": trusted}


application = FastAPI(lifespan=lifespan)


async def asked(request: Request, which: str) -> Quote:
    async with request.state.session.get(f"{UPSTREAM}/{which}") as response:
        return Quote.model_validate_json(await response.read())


@application.get("/v1/quotes/tls")
async def over_tls(request: Request) -> Quote:
    url = f"{os.environ['UPSTREAM_TLS']}/any"
    async with request.state.session.get(url, ssl=request.state.trusted) as response:
        return Quote.model_validate_json(await response.read())


@application.get("/v1/quotes/five")
async def five(request: Request) -> list[Quote]:
    return await asyncio.gather(*(asked(request, "any") for _ in range(5)))


@application.get("/v1/quotes/{which}")
async def quote(request: Request, which: str) -> Quote:
    return await asked(request, which)


@application.get("/v1/tokens")
async def tokens(request: Request) -> StreamingResponse:
    async def events() -> AsyncIterator[str]:
        async with request.state.streams.get(f"{UPSTREAM}/tokens") as response:
            async for line in response.content:
                if line.startswith(b"data: "):
                    delta = Delta.model_validate_json(line[6:])
                    yield f"data: {delta.model_dump_json()}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")
