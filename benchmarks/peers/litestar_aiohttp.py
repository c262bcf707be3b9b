"""Litestar, a shared aiohttp session of its lifespan."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
from aiohttp import ClientSession, TCPConnector
from litestar import Litestar, get
from litestar.datastructures import State

UPSTREAM = os.environ["UPSTREAM"]


class Quote(msgspec.Struct):
    text: str
    author: str


@asynccontextmanager
async def session(app: Litestar) -> AsyncIterator[None]:
    async with ClientSession(connector=TCPConnector(limit=256), raise_for_status=True) as app.state.session:
        yield


@get("/v1/quotes/{which:str}")
async def quote(state: State, which: str) -> Quote:
    async with state.session.get(f"{UPSTREAM}/{which}") as response:
        return msgspec.json.decode(await response.read(), type=Quote)


application = Litestar([quote], lifespan=[session], openapi_config=None)
