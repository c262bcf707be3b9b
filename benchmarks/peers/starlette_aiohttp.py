"""Starlette, a shared aiohttp session of its lifespan."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from aiohttp import ClientSession, TCPConnector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

UPSTREAM = os.environ["UPSTREAM"]


class State(TypedDict):
    session: ClientSession


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[State]:
    async with ClientSession(connector=TCPConnector(limit=256), raise_for_status=True) as session:
        yield {"session": session}


async def quote(request: Request) -> JSONResponse:
    async with request.state.session.get(f"{UPSTREAM}/{request.path_params['which']}") as response:
        return JSONResponse(await response.json())


application = Starlette(routes=[Route("/v1/quotes/{which}", quote)], lifespan=lifespan)
