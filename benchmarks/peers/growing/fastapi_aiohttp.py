"""FastAPI, one shared aiohttp session for all upstreams."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from aiohttp import ClientError, ClientSession, ClientTimeout, TCPConnector
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

UPSTREAMS = os.environ["UPSTREAM_URLS"].split()


class Quote(BaseModel):
    text: str
    author: str


class State(TypedDict):
    session: ClientSession


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[State]:
    connector = TCPConnector(limit=0, limit_per_host=1024)
    async with ClientSession(
        connector=connector, timeout=ClientTimeout(30), raise_for_status=True
    ) as session:
        yield {"session": session}


application = FastAPI(lifespan=lifespan)


@application.exception_handler(ClientError)
async def bad_gateway(request: Request, error: ClientError) -> JSONResponse:
    return JSONResponse({"detail": "the upstream failed"}, status_code=502)


async def asked(request: Request, url: str) -> Quote:
    async with request.state.session.get(url) as response:
        return Quote.model_validate_json(await response.read())


@application.get("/v1/quotes/{which}")
async def quote(request: Request, which: str) -> Quote:
    return await asked(request, f"{UPSTREAMS[0]}/{which}")


@application.get("/v1/upstreams/{number}")
async def of_upstream(request: Request, number: int) -> Quote:
    return await asked(request, f"{UPSTREAMS[number]}/any")


@application.get("/v1/bodies/{which}")
async def passed_on(request: Request, which: str) -> Response:
    async with request.state.session.get(f"{UPSTREAMS[0]}/{which}") as response:
        return Response(await response.read(), media_type="application/json")


@application.post("/v1/bodies")
async def upload(request: Request) -> Quote:
    async with request.state.session.post(f"{UPSTREAMS[0]}/upload", data=await request.body()) as response:
        return Quote.model_validate_json(await response.read())
