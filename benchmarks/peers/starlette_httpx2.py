"""Starlette, a shared httpx2 client of its lifespan."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import httpx2
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


class State(TypedDict):
    client: httpx2.AsyncClient


@asynccontextmanager
async def lifespan(app: Starlette) -> AsyncIterator[State]:
    limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256)
    async with httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], limits=limits) as client:
        yield {"client": client}


async def quote(request: Request) -> JSONResponse:
    response = await request.state.client.get(request.path_params["which"])
    response.raise_for_status()
    return JSONResponse(response.json())


application = Starlette(routes=[Route("/v1/quotes/{which}", quote)], lifespan=lifespan)
