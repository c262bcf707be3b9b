"""HEAD and OPTIONS of operations, and what the schema says of them."""

import pytest
from django.http import HttpRequest
from django.urls import path
from ninja import Router
from upstreams.contrib.ninja.api import Api

api = Api(title="methods", version="1", urls_namespace="methods")
router = Router()


@router.get("things")
async def things(request: HttpRequest) -> str:
    return "things"


@router.post("things")
async def add(request: HttpRequest) -> str:
    return "added"


@router.get("sync")
def in_sync(request: HttpRequest) -> str:
    return "sync"


@router.api_operation(["HEAD"], "own")
async def own_head(request: HttpRequest) -> None:
    return None


@router.get("own")
async def own(request: HttpRequest) -> str:
    return "own"


api.add_router("", router)
urlpatterns = [path("", api.urls)]


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.parametrize("url", ["/things", "/sync"])
async def test_head_is_get_without_content(aclient, url):
    got, head = await aclient.get(url), await aclient.head(url)
    names = ("content-type", "content-length")
    assert head.status_code == 200
    assert [head.headers[name] for name in names] == [got.headers[name] for name in names]
    assert head.content == b""


async def test_an_operation_of_the_team_for_head_stays(aclient):
    assert (await aclient.head("/own")).headers["content-length"] == "4"


async def test_options_names_the_methods(aclient):
    response = await aclient.options("/things")
    assert (response.status_code, response.headers["allow"]) == (200, "GET, HEAD, OPTIONS, POST")
    assert (response.content, response.headers["content-length"]) == (b"", "0")


async def test_a_method_that_is_not_offered_is_a_problem(aclient):
    response = await aclient.put("/things")
    assert (response.status_code, response.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert response.headers["content-type"] == "application/problem+json"


def test_the_schema_names_neither():
    paths = api.get_openapi_schema(path_prefix="/")["paths"]
    assert {path: set(operations) for path, operations in paths.items()} == {
        "/things": {"get", "post"},
        "/sync": {"get"},
        "/own": {"get", "head"},
    }
