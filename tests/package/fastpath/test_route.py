"""The route of a request, for its log line and its metrics, where a middleware of another package is sync."""

import pytest
from django.http import HttpResponse
from django.urls import path
from testproject.driver import HTTP, Client
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.thread_pool import ThreadPool

HOST = (b"host", b"testserver")


def sync_middleware(get_response):
    def middleware(request):
        return get_response(request)

    return middleware


async def view(request, number):
    return HttpResponse()


def broken(request):
    raise LookupError


urlpatterns = [path("items/<int:number>", view), path("broken", broken)]


@pytest.mark.parametrize("middleware", [[], [f"{__name__}.sync_middleware"]], ids=["async", "sync"])
@pytest.mark.parametrize(
    ("asked", "route"), [("/items/7", "/items/<int:number>"), ("/broken", "/broken"), ("/nothing", None)]
)
async def test_the_route_is_known_behind_any_middleware(settings, middleware, asked, route):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [*settings.MIDDLEWARE, *middleware]
    executors, client = ThreadPool(Handler(), 1), Client()
    scope = {**HTTP, "path": asked, "headers": [HOST]}
    async with executors.keep_threads():
        await executors(scope, client.receive, client.send)
    assert scope.get("route") == route
