"""BlackSheep, a shared aiohttp session of its lifespan."""

import os
from collections.abc import AsyncIterator

from aiohttp import ClientSession, TCPConnector
from blacksheep import Application, Response, get, json

UPSTREAM = os.environ["UPSTREAM"]
application = Application()


@application.lifespan
async def session() -> AsyncIterator[None]:
    async with ClientSession(connector=TCPConnector(limit=256), raise_for_status=True) as session:
        application.services.register(ClientSession, instance=session)
        yield


@get("/v1/quotes/{which}")
async def quote(which: str, session: ClientSession) -> Response:
    async with session.get(f"{UPSTREAM}/{which}") as response:
        return json(await response.json())
