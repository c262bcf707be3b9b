"""What the schema of a mock lets pass: a route with `schema=False`, by whichever verb it responds, and links."""

import pytest
from upstreams.core.httpx import httpx

from management.openapi.conftest import load, object_of
from management.openapi.schemas import STORE

__all__ = ["load", "object_of"]
pytestmark = pytest.mark.usefixtures("lifespan", "unformatted")


@pytest.mark.parametrize(
    "respond",
    [
        lambda mock: mock.get("pets").json({}, schema=False),
        lambda mock: mock.get("pets").content("", schema=False),
        lambda mock: mock.get("pets").example(schema=False),
        lambda mock: mock.get("pets").call(empty, schema=False),
        lambda mock: mock.get("pets").respond(json={}, schema=False),
        lambda mock: mock.get("pets").respond(text="", schema=False),
        lambda mock: mock.get("pets").respond(schema=False),
        lambda mock: mock.get("pets").mock(side_effect=empty, schema=False),
        lambda mock: mock.get("pets").mock(httpx.Response(200, json={}), schema=False),
        lambda mock: mock.add_response(url="pets", json={}, schema=False),
        lambda mock: mock.add_callback(empty, url="pets", schema=False),
    ],
    ids=["json", "content", "example", "call", "respx", "text", "nothing", "effect", "value", "pytest_httpx", "callback"],
)  # fmt: skip
async def test_whatever_responds_need_not_fit(object_of, upstream_mock, respond):
    pets = object_of(STORE)
    respond(upstream_mock("quotes"))
    assert (await pets.get("pets", params={"unknown": "1"})).status_code == 200


async def test_a_link_may_have_a_query_that_the_schema_does_not_name(object_of, upstream_mock):
    pets, mock = object_of(STORE), upstream_mock("quotes")
    mock.get("pets", params={"after": "a"}).json([])
    mock.get("pets").json([{"id": 7, "name": "Rex"}], headers={"link": '<pets?after=a>; rel="next"'})
    assert [pet["name"] async for pet in pets.pages("pets", into=dict)] == ["Rex"]
    assert len(mock.requests) == 2


def empty(_):
    return httpx.Response(200, json={})
