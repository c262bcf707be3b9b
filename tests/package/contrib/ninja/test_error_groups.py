"""An error of ninja out of an `asyncio.TaskGroup` has the response that it has without one."""

import asyncio

import pytest
from django.http import Http404, HttpRequest
from django.urls import path
from ninja.errors import AuthenticationError, HttpError, Throttled
from upstreams.contrib.ninja.api import Api

ERRORS = {
    "missing": Http404("no such quote"),
    "http": HttpError(409, "taken"),
    "auth": AuthenticationError(),
    "throttled": Throttled(wait=3),
    "bug": LookupError(),
}
api = Api(title="groups", version="1", urls_namespace="groups")


async def fail(name: str) -> None:
    raise ERRORS[name]


@api.get("outside/{name}")
async def outside(request: HttpRequest, name: str) -> None:
    await fail(name)


@api.get("inside/{names}")
async def inside(request: HttpRequest, names: str) -> None:
    async with asyncio.TaskGroup() as group:
        for name in names.split("+"):
            group.create_task(fail(name))


urlpatterns = [path("", api.urls)]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


def summary(response):
    problem = {**response.json(), "request_id": ""}
    return response.status_code, problem, response.headers.get("retry-after")


@pytest.mark.parametrize(
    ("name", "status"), [("missing", 404), ("http", 409), ("auth", 401), ("throttled", 429)]
)
async def test_a_group_has_the_response_of_its_error(aclient, name, status):
    expected = summary(await aclient.get(f"/outside/{name}"))
    assert summary(await aclient.get(f"/inside/{name}")) == expected
    assert expected[0] == status


async def test_a_bug_in_a_group_is_a_500_whatever_is_beside_it(aclient):
    assert (await aclient.get("/inside/http+bug")).status_code == 500
