"""What docs/frameworks.md says of Starlette, with the views of the tests."""

from dataclasses import asdict

from asgiref.sync import async_to_sync
from mysite.asgi import lifespan, quotes, request_context, upstream_failed
from mysite.calls import limit, process
from prometheus_client import make_asgi_app
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from upstreams import UpstreamError


async def quote(request):
    return JSONResponse(asdict(await quotes.random()))


def quote_sync(request):
    return JSONResponse(asdict(async_to_sync(quotes.random)()))


async def limit_of_a_call(request):
    return JSONResponse(await limit())


async def id_of_the_process(request):
    return JSONResponse(await process())


application = Starlette(
    routes=[
        Route("/quote", quote),
        Route("/limit", limit_of_a_call),
        Route("/process", id_of_the_process),
        Route("/quote-sync", quote_sync),
        Mount("/metrics", make_asgi_app()),
    ],
    lifespan=lifespan,
    middleware=[Middleware(request_context)],
    exception_handlers={UpstreamError: upstream_failed},
)
