"""aiohttp's server with aiohttp's client."""

import os
import sys
from collections.abc import AsyncIterator

import uvloop
from aiohttp import ClientSession, TCPConnector, web

UPSTREAM = os.environ["UPSTREAM"]
SESSION = web.AppKey("session", ClientSession)


async def session(app: web.Application) -> AsyncIterator[None]:
    async with ClientSession(connector=TCPConnector(limit=256), raise_for_status=True) as app[SESSION]:
        yield


async def quote(request: web.Request) -> web.Response:
    async with request.app[SESSION].get(f"{UPSTREAM}/{request.match_info['which']}") as response:
        return web.json_response(await response.json())


application = web.Application()
application.cleanup_ctx.append(session)
application.router.add_get("/v1/quotes/{which}", quote)
web.run_app(
    application,
    host="127.0.0.1",
    port=int(sys.argv[1]),
    access_log=None,
    print=None,
    loop=uvloop.new_event_loop(),
)
