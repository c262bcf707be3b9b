"""FastAPI, a shared aiohttp session of its lifespan."""

import os
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


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    async with ClientSession(connector=TCPConnector(limit=256), raise_for_status=True) as session:
        yield {"session": session}


application = FastAPI(lifespan=lifespan)


@application.get("/v1/quotes/{which}")
async def quote(request: Request, which: str) -> Quote:
    async with request.state.session.get(f"{UPSTREAM}/{which}") as response:
        return Quote.model_validate_json(await response.read())
