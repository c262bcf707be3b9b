"""An error out of an `asyncio.TaskGroup` has the response that it has without one."""

import asyncio
import errno

import pytest
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.urls import include, path
from upstreams.asgi.too_many_requests import TooManyRequests
from upstreams.core.errors import UpstreamError
from upstreams.core.httpx import httpx

from asgi.both_handlers import app

__all__ = ["app"]

ERRORS = {
    "bad": (BadRequest("write a number"), 400),
    "denied": (PermissionDenied("ask ada"), 403),
    "missing": (Http404("no such quote"), 404),
    "database": (OperationalError("away"), 503),
    "interface": (InterfaceError("away"), 503),
    "too-many": (TooManyRequests("wait", 3), 429),
    "no-space": (OSError(errno.ENOSPC, "no space"), 507),
    "no-descriptor": (OSError(errno.EMFILE, "too many open files"), 503),
    "suspicious": (SuspiciousOperation("forged"), 400),
    "too-big": (RequestDataTooBig("too big"), 413),
    "multipart": (MultiPartParserError("no boundary"), 400),
    "upstream": (UpstreamError("away"), 502),
}


async def fail(name):
    raise LookupError if name == "bug" else ERRORS[name][0]


async def outside(request, name):
    await fail(name)


async def inside(request, name):
    async with asyncio.TaskGroup() as outer:
        outer.create_task(in_group(name))
        outer.create_task(asyncio.sleep(60))


async def in_group(*names):
    async with asyncio.TaskGroup() as group:
        for name in names:
            group.create_task(fail(name))


async def beside_a_bug(request, name):
    await in_group(name, "bug")


views = [
    path("outside/<str:name>", outside),
    path("inside/<str:name>", inside),
    path("beside-a-bug/<str:name>", beside_a_bug),
]
urlpatterns = [*views, path("pages/", include((views, "pages")))]


@pytest.fixture(autouse=True)
def own_urls(settings):
    settings.ROOT_URLCONF = __name__
    settings.UPSTREAMS_HTML_ERROR_APPS = ["pages"]


def summary(response):
    problem = response.json() if "json" in response.headers["content-type"] else {}
    problem.pop("request_id", None)
    names = ("content-type", "retry-after")
    return response.status_code, problem, [response.headers.get(name) for name in names]


@pytest.fixture
async def client(app):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
        yield client


@pytest.mark.parametrize("pages", ["", "/pages"])
@pytest.mark.parametrize(("name", "status"), [(name, status) for name, (_, status) in ERRORS.items()])
async def test_a_group_has_the_response_of_its_error(client, pages, name, status):
    expected = summary(await client.get(f"{pages}/outside/{name}"))
    assert summary(await client.get(f"{pages}/inside/{name}")) == expected
    assert expected[0] == (400 if pages and name == "too-big" else status)


@pytest.mark.parametrize("name", ERRORS)
async def test_a_bug_in_a_group_is_a_500_whatever_is_beside_it(client, name):
    assert (await client.get(f"/beside-a-bug/{name}")).status_code == 500
