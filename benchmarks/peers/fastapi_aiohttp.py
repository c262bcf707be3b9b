"""FastAPI, a shared aiohttp session of its lifespan."""

import asyncio
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from aiohttp import ClientSession, TCPConnector
from fastapi import FastAPI, Request
from pydantic import BaseModel

UPSTREAM = os.environ["UPSTREAM"]


class Quote(BaseModel):
    text: str
    author: str


class State(TypedDict):
    session: ClientSession
    trusted: ssl.SSLContext


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    trusted = ssl.create_default_context(cafile=os.environ["CA"])
    async with ClientSession(connector=TCPConnector(limit=256), raise_for_status=True) as session:
        yield {"session": session, "trusted": trusted}


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
