"""What every operation has without a word: errors as problems, all of them in the schema, and a page that shows it."""

import re
import sys
from typing import Annotated

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpRequest
from django.urls import path
from ninja import Query, Schema
from ninja.errors import (
    AuthenticationError,
    AuthorizationError,
    HttpError,
    Throttled,
)
from upstreams.contrib.ninja.api import Api
from upstreams.contrib.ninja.auth import Bearer
from upstreams.core.validation import decode_json

ERRORS = {
    "conflict": HttpError(409, "it is there already"),
    "forbidden": AuthorizationError(),
    "nobody": AuthenticationError(),
    "often": Throttled(wait=3),
    "oftener": Throttled(wait=0.2),  # type: ignore[arg-type] # as its throttles do
    "whenever": Throttled(wait=None),
    "odd": HttpError(499, "gone"),
}
api = Api(title="tests", version="2.1", description="What tests need.")


class Body(Schema):
    words: list[str]


@api.get("fails/{how}")
async def fails(request: HttpRequest, how: str) -> None:
    raise ERRORS[how]


@api.get("found-out")
async def found_out(request: HttpRequest) -> None:
    raise HttpError(409, "it is there already") from ValueError("ours")


@api.get("page")
async def page(request: HttpRequest, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> int:
    return limit


@api.post("body", auth=Bearer())
async def body(request: HttpRequest, said: Body) -> list[str]:
    return said.words


urlpatterns = [path("", api.urls)]


@pytest.fixture
def urls(settings):
    settings.ROOT_URLCONF = __name__


@pytest.mark.usefixtures("urls")
@pytest.mark.parametrize(
    ("how", "status", "title", "more"),
    [
        ("conflict", 409, "Conflict", {"detail": "it is there already"}),
        ("forbidden", 403, "Forbidden", {}),
        ("nobody", 401, "Unauthorized", {}),
        ("often", 429, "Too Many Requests", {"detail": "Too many requests."}),
        ("odd", 499, "Error", {"detail": "gone"}),
    ],
)
async def test_an_error_of_ninja_is_a_problem(aclient, how, status, title, more):
    response = await aclient.get(f"/fails/{how}")
    assert response.headers["content-type"] == "application/problem+json"
    assert (response.status_code, response.json()) == (
        status,
        {
            "type": "about:blank",
            "title": title,
            "status": status,
            "request_id": response.headers["x-request-id"],
            **more,
        },
    )


@pytest.mark.usefixtures("urls")
@pytest.mark.parametrize(("how", "seconds"), [("often", "3"), ("oftener", "1"), ("whenever", None)])
async def test_who_asks_too_often_is_told_when_to_come_back(aclient, how, seconds):
    response = await aclient.get(f"/fails/{how}")
    assert (response.status_code, response.headers.get("retry-after")) == (429, seconds)


@pytest.mark.usefixtures("urls")
async def test_an_error_with_a_cause_is_itself(aclient):
    response = await aclient.get("/found-out")
    assert (response.status_code, response.json()["detail"]) == (409, "it is there already")


@pytest.mark.usefixtures("urls")
@pytest.mark.parametrize(
    ("query", "detail"),
    [
        ("limit=0", "limit: Input should be greater than or equal to 1"),
        ("limit=%00", "limit: Input should be a valid integer, unable to parse string as an integer"),
    ],
)
async def test_a_bad_query_is_a_400_that_names_the_parameter(aclient, query, detail):
    response = await aclient.get(f"/page?{query}")
    assert (response.status_code, response.json()["detail"]) == (400, detail)


@pytest.mark.usefixtures("urls")
@pytest.mark.parametrize(
    ("content", "detail"),
    [
        (b'{"words": ["a", 1]}', "words.1: Input should be a valid string"),
        (b"\xff", "the body: Invalid JSON: expected value at line 1 column 1"),
        (b"", "the body: Field required"),
    ],
)
async def test_a_bad_body_is_a_400_that_names_the_field(aclient, bearer, content, detail):
    response = await aclient.post("/body", content=content, headers=bearer)
    assert (response.status_code, response.json()["detail"]) == (400, detail)


def statuses(path, method):
    return set(api.get_openapi_schema(path_prefix="/")["paths"][path][method]["responses"])


@pytest.mark.usefixtures("urls")
def test_the_schema_names_what_any_operation_may_answer_with():
    assert statuses("/page", "get") == {200, 400, 500, 503, 504}
    assert statuses("/body", "post") == {200, 400, 401, 408, 413, 500, 503, 504}


@pytest.mark.usefixtures("urls")
async def test_the_page_takes_everything_from_here(aclient):
    response = await aclient.get("/docs")
    links = re.findall(r'(?:src|href)="([^"]*)"', response.text)
    assert len(links) == 5
    assert [link for link in links if finders.find(link.removeprefix("/static/")) is None] == []
    assert '"url": "/openapi.json"' in response.text


@pytest.mark.usefixtures("urls")
async def test_the_page_may_run_what_comes_from_here_and_show_the_icons_in_its_styles(aclient):
    response = await aclient.get("/docs")
    policy = response.headers["content-security-policy"].split("; ")
    assert {"script-src 'self'", "style-src 'self'", "img-src 'self' data:"} <= set(policy)


@pytest.mark.usefixtures("urls")
def test_the_schema_is_named_and_numbered_by_the_project():
    info = api.get_openapi_schema(path_prefix="/")["info"]
    assert info == {"title": "tests", "version": "2.1", "description": "What tests need."}


def served(documented):
    return type("URLs", (), {"urlpatterns": [path("", documented.urls)]})


async def test_without_a_policy_the_page_sends_none(aclient, settings):
    settings.SECURE_CSP = {}
    settings.ROOT_URLCONF = served(Api(title="open", version="1", urls_namespace="open"))
    response = await aclient.get("/docs")
    assert (response.status_code, "content-security-policy" in response.headers) == (200, False)


def test_a_django_that_knows_no_policy_has_nothing_to_override(settings, monkeypatch):
    monkeypatch.setitem(sys.modules, "django.utils.csp", None)
    del settings.SECURE_CSP
    assert Api(title="older", version="1").docs_decorator is None


async def test_the_policy_is_that_of_the_settings_when_the_api_is_made(aclient, settings):
    settings.SECURE_CSP = {"default-src": ["https://a.test"]}
    settings.ROOT_URLCONF = served(Api(title="a", version="1", urls_namespace="a"))
    response = await aclient.get("/docs")
    assert response.headers["content-security-policy"] == "default-src https://a.test; img-src 'self' data:"


async def test_the_page_and_the_schema_can_be_left_out(aclient, settings):
    hidden = Api(title="hidden", version="1", urls_namespace="hidden", docs_url=None, openapi_url=None)
    settings.ROOT_URLCONF = served(hidden)
    assert (await aclient.get("/docs")).status_code == 404
    assert (await aclient.get("/openapi.json")).status_code == 404


def test_the_answer_of_an_upstream_may_be_read_into_a_schema():
    assert decode_json(b'{"words": ["a", "b"]}', Body) == Body(words=["a", "b"])
    with pytest.raises(ValueError, match=r"^: is not a valid Body$"):
        decode_json(b'{"words": ["a", 1]}', Body)
