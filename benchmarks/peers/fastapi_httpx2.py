"""FastAPI, a shared httpx2 client of its lifespan."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import httpx2
from fastapi import FastAPI, Request
from pydantic import BaseModel


class Quote(BaseModel):
    text: str
    author: str


class State(TypedDict):
    client: httpx2.AsyncClient
    secure: httpx2.AsyncClient


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256)
    trusted = ssl.create_default_context(cafile=os.environ["CA"])
    async with (
        httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], limits=limits) as client,
        httpx2.AsyncClient(base_url=os.environ["UPSTREAM_TLS"], limits=limits, verify=trusted) as secure,
    ):
        yield {"client": client, "secure": secure}


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
