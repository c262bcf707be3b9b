"""FastAPI, a shared httpx2 client of its lifespan."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import httpx2
from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel


class Quote(BaseModel):
    text: str
    author: str


class Delta(BaseModel):
    token: str
    at: float


class State(TypedDict):
    streams: httpx2.AsyncClient
    client: httpx2.AsyncClient
    secure: httpx2.AsyncClient


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256)
    trusted = ssl.create_default_context(cafile=os.environ["CA"])
    async with (
        httpx2.AsyncClient(
            base_url=os.environ["UPSTREAM"], limits=httpx2.Limits(max_connections=1100)
        ) as streams,
        httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], limits=limits) as client,
        httpx2.AsyncClient(base_url=os.environ["UPSTREAM_TLS"], limits=limits, verify=trusted) as secure,
    ):
        yield {"client": client, "secure": secure, "streams": streams}


application = FastAPI(lifespan=lifespan)


async def asked(client: httpx2.AsyncClient, which: str) -> Quote:
    response = await client.get(which)
    response.raise_for_status()
    return Quote.model_validate_json(response.content)


@application.get("/v1/quotes/tls")
async def over_tls(request: Request) -> Quote:
    return await asked(request.state.secure, "any")


@application.get("/v1/quotes/five")
async def five(request: Request) -> list[Quote]:
    return await asyncio.gather(*(asked(request.state.client, "any") for _ in range(5)))


@application.get("/v1/quotes/{which}")
async def quote(request: Request, which: str) -> Quote:
    return await asked(request.state.client, which)


@application.get("/v1/tokens")
async def tokens(request: Request) -> StreamingResponse:
    async def events() -> AsyncIterator[str]:
        async with request.state.streams.stream("GET", "tokens") as response:
            response.raise_for_status()
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    delta = Delta.model_validate_json(line[6:])
                    yield f"data: {delta.model_dump_json()}\n\n"

    return StreamingResponse(events(), media_type="text/event-stream")
