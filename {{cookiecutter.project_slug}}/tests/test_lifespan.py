"""What config/asgi.py opens, in which order it closes it, and how long that takes."""

import asyncio
import os
import runpy
import time
from contextlib import asynccontextmanager

import pytest
from django.http import HttpResponse
from django.urls import path
from upstreams import Upstream, spawn
from upstreams.asgi import application as factory
from upstreams.core.httpx import httpx
from upstreams.testing.lifespan import run_lifespan

pytestmark = pytest.mark.upstreams(probe={})

probe = Upstream("probe")


class Gate:
    """Where the view below waits."""

    entered: asyncio.Event
    open: asyncio.Event


gate = Gate()


async def waits(request):
    """Call an upstream, once the test opens the gate."""
    gate.entered.set()
    await gate.open.wait()
    await probe.get("")
    return HttpResponse()


urlpatterns = [path("waits", waits)]


@pytest.fixture(autouse=True)
def a_closed_gate():
    gate.entered, gate.open = asyncio.Event(), asyncio.Event()


@pytest.fixture
def build(settings, monkeypatch):
    """Run config/asgi.py anew, with the view above, and with more resources at the end of its list."""

    def build(*more):
        make = factory.get_asgi_application
        with monkeypatch.context() as patch:
            patch.setattr(factory, "get_asgi_application", lambda lifespan: make([*lifespan, *more]))
            return runpy.run_path(settings.BASE_DIR / "config/asgi.py")["application"]

    settings.ROOT_URLCONF = __name__
    return build


@asynccontextmanager
async def a_view_at_work(application):
    """A request whose view has begun, in the started service, which is shut down at the end."""
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        async with run_lifespan(application):
            request = asyncio.create_task(client.get("/waits"))
            await gate.entered.wait()
            yield request
        gate.open.set()
        await request


def test_every_server_runs_the_application_with_the_settings_of_the_service(build, monkeypatch):
    monkeypatch.delenv("DJANGO_SETTINGS_MODULE")
    build()
    assert os.environ["DJANGO_SETTINGS_MODULE"] == "config.settings"


async def test_resources_open_after_the_clients_and_close_before_them(build, upstream_mock):
    seen = []

    @asynccontextmanager
    async def resource():
        seen.append(("opens", *upstream_mock("probe").events))
        yield
        seen.append(("closes", *upstream_mock("probe").events))

    async with run_lifespan(build(resource)):
        pass
    assert seen == [("opens", "opened"), ("closes", "opened")]
    assert upstream_mock("probe").events == ["opened", "closed"]


async def test_a_view_that_still_runs_at_shutdown_can_call_an_upstream(build, upstream_mock, settings):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_DRAIN": 60}
    upstream_mock("probe").get("").json({})
    async with a_view_at_work(build()) as request:
        asyncio.get_running_loop().call_later(0.1, gate.open.set)
    assert (await request).status_code == 200


async def test_requests_and_background_work_share_one_drain(build, upstream_mock, settings):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "CLIENT_DRAIN": 1}
    upstream_mock("probe").get("").json({})
    async with a_view_at_work(build()):
        spawn(asyncio.sleep(60))
        begins = time.monotonic()
    assert 1 <= time.monotonic() - begins < 2
