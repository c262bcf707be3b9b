"""Large forms are parsed one after the other, so that the event loop has its turns."""

import asyncio
import threading

import pytest
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import path
from upstreams.fastpath.middleware import LARGE_FORM, MAX_PARSED

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def view(request):
    return HttpResponse()


urlpatterns = [path("view", view)]


@pytest.fixture
async def checks(monkeypatch, settings):
    """Holds the checks of large forms until `go`; `full` is set when as many run as may."""
    settings.ROOT_URLCONF = __name__
    loop = asyncio.get_running_loop()

    class Checks:
        running = 0
        full, go = asyncio.Event(), threading.Event()

    def check(middleware, request):
        if int(request.META["CONTENT_LENGTH"]) >= LARGE_FORM:
            Checks.running += 1
            if Checks.running == MAX_PARSED:
                loop.call_soon_threadsafe(Checks.full.set)
            Checks.go.wait(20)
            Checks.running -= 1

    monkeypatch.setattr(CsrfViewMiddleware, "_check_token", check)
    yield Checks
    Checks.go.set()


async def test_small_forms_do_not_wait_for_large_ones(aclient, checks):
    large = [
        asyncio.create_task(aclient.post("/view", content=b"a" * LARGE_FORM, headers=FORM)) for _ in range(5)
    ]
    async with asyncio.timeout(20):
        await checks.full.wait()
    small = [(await aclient.post("/view", content=b"a=b", headers=FORM)).status_code for _ in range(5)]
    assert (small, checks.running) == ([200] * 5, MAX_PARSED)
    checks.go.set()
    assert [response.status_code for response in await asyncio.gather(*large)] == [200] * 5
