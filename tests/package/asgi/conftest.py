"""An application of the factory, served in this process, and a view that waits."""

import asyncio
from contextlib import asynccontextmanager
from importlib import import_module

import pytest
from django.http import HttpResponse, JsonResponse
from django.urls import path
from testproject.quotes import quotes
from upstreams import open_clients
from upstreams.asgi.application import get_asgi_application
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan

from asgi import raw_http

QUOTE = {"text": "a", "author": "b"}


class Gate:
    """Lets a view in, and holds it until it is opened."""

    def __init__(self):
        self.entered = asyncio.Event()
        self.open = asyncio.Event()

    async def view(self, request):
        self.entered.set()
        await self.open.wait()
        return JsonResponse({"text": (await quotes.random()).text})


@pytest.fixture
def gate(settings):
    gate = Gate()
    urls = import_module(settings.ROOT_URLCONF)  # not the same on each Django
    urls_of_test.urlpatterns = [*urls.urlpatterns, path("gate", gate.view), path("echo", echo)]
    settings.ROOT_URLCONF = urls_of_test
    return gate


class urls_of_test:
    urlpatterns = ()


async def echo(request):
    return HttpResponse(request.body)


@pytest.fixture
async def serve(upstreams, upstream_mock):
    """Makes a client of an application, with its lifespan or without."""

    @asynccontextmanager
    async def serve(*resources, lifespan=True):
        application = get_asgi_application([open_clients, *resources])
        transport = httpx.ASGITransport(app=application)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            if not lifespan:
                yield client
                return
            async with run_lifespan(application):
                yield client

    upstream_mock("quotes").get("random").json(QUOTE)
    return serve


@pytest.fixture
async def server():
    """An application behind the protocol of `serve`, on a socket."""
    async with raw_http.serving() as serving:
        yield serving
