"""What the methods of a generated module send, and what they make of the responses; only the network is a mock."""

import datetime as dt
import io
import json
from importlib import import_module
from uuid import UUID

import pytest
from upstreams import UpstreamDecodeError, UpstreamStatusError

from management.openapi import odd
from management.openapi.schemas import STORE, TEXT, document, json_of, one, query, returning

pytestmark = pytest.mark.usefixtures("any_response", "lifespan", "unformatted")
REX = {"id": 7, "name": "Rex", "bornOn": "2020-02-29", "soldAt": None, "class": "dog", "status": "lost"}


async def test_json_becomes_an_object_with_plain_names(object_of, upstream_mock):
    quotes = object_of(STORE)
    upstream_mock("quotes").get("pets/7").json(REX | {"parents": [REX], "unknown": 1})
    pet = await quotes.get_pet(7)
    assert (pet.born_on, pet.sold_at, pet.class_) == (dt.date(2020, 2, 29), None, "dog")
    assert pet.parents[0].name == "Rex"


async def test_a_value_that_the_schema_does_not_know_yet_is_read(object_of, upstream_mock):
    quotes = object_of(STORE)
    upstream_mock("quotes").get("pets/7").json(REX)
    assert (await quotes.get_pet(7)).status == "lost"


async def test_what_does_not_fit_is_an_error_that_names_the_field(object_of, upstream_mock):
    quotes = object_of(STORE)
    upstream_mock("quotes").get("pets/7").json({"id": 7})
    with pytest.raises(UpstreamDecodeError, match="name: is missing"):
        await quotes.get_pet(7)


async def test_a_query_has_no_arguments_that_are_none(object_of, upstream_mock):
    quotes = object_of(STORE)
    upstream_mock("quotes").get("pets").json([REX])
    await quotes.list_pets(limit=3)
    await quotes.list_pets()
    assert [str(request.url.query, "ascii") for request in upstream_mock("quotes").requests] == [
        "limit=3",
        "",
    ]


async def test_a_body_has_the_names_of_the_schema_and_no_fields_that_are_not_set(object_of, upstream_mock):
    quotes = object_of(STORE)
    module = import_module("services.quotes_schema")
    upstream_mock("quotes").post("pets").json(REX, 201)
    await quotes.add_pet(module.Pet(name="Rex", born_on=dt.date(2020, 2, 29), sold_at=None))
    (request,) = upstream_mock("quotes").requests
    assert json.loads(request.content) == {"name": "Rex", "bornOn": "2020-02-29", "soldAt": None}


async def test_no_content_is_none_and_an_error_is_raised(object_of, upstream_mock):
    quotes = object_of(STORE)
    upstream_mock("quotes").on("DELETE", "pets/7").content("", 204)
    upstream_mock("quotes").get("pets/8").json({}, 404)
    assert await quotes.delete_pets_pet_id(7) is None
    with pytest.raises(UpstreamStatusError):
        await quotes.get_pet(8)


async def test_the_classes_of_a_union_are_told_apart_by_their_tag(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["tagged"])
    upstream_mock("quotes").get("thing").json({"kind": "cat", "purrs": True}).json({"kind": "dog"})
    assert (await quotes.thing()).purrs is True
    assert type(await quotes.thing()).__name__ == "Dog"


async def test_a_tag_may_be_a_number(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["tagged_by_number"])
    upstream_mock("quotes").get("thing").json({"n": 0}).json({"n": 1})
    assert [type(await quotes.thing()).__name__ for _ in range(2)] == ["ThingResponse1", "ThingResponse2"]


async def test_the_classes_of_a_mapping_are_told_apart(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["mapped"])
    upstream_mock("quotes").get("thing").json({"is": "b", "wings": 2})
    assert (await quotes.thing()).wings == 2


async def test_classes_without_a_tag_are_a_dict_and_the_docstring_says_why(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["untagged"])
    upstream_mock("quotes").get("thing").json({"wings": 2})
    assert await quotes.thing() == {"wings": 2}
    assert "no field tells these apart: Fish, Bird" in quotes.thing.__doc__


async def test_arguments_reach_their_places(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["arguments"])
    upstream_mock("quotes").get("a/b/c/x").json("yes")
    done = await quotes.thing(
        "a",
        "b",
        "c",
        type_="t",
        a_b_3="header",
        x_trace=7,
        idempotency_key="once",
        filter={"size": 1},
        since=dt.datetime(2026, 1, 31, tzinfo=dt.UTC),
        ids=[1, 2],
    )
    (request,) = upstream_mock("quotes").requests
    assert done == "yes"
    assert dict(request.url.params) == {
        "type": "t",
        "filter[size]": "1",
        "since": "2026-01-31T00:00:00+00:00",
        "ids": "1,2",
    }
    sent = [request.headers[name] for name in ("a_b", "X-Trace", "Idempotency-Key")]
    assert sent == ["header", "7", "once"]


async def test_a_fixed_query_of_the_path_is_sent(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["fixed_query"])
    upstream_mock("quotes").get("a").json({"fins": 2})
    await quotes.a()
    (request,) = upstream_mock("quotes").requests
    assert request.url.query == b"beta=true"


async def test_bodies_of_all_kinds(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["bodies"])
    schema = import_module("services.quotes_schema")
    mock = upstream_mock("quotes")
    bodies = []

    async def keep(request):
        bodies.append(b"".join([chunk async for chunk in request.stream]))

    mock.post("form").json(True)
    mock.post("files").after(keep).json(True)
    mock.on("PUT", "raw").content("", 202)
    await quotes.form(body=schema.FormBody(a=schema.FormBodyA(b="c d")))
    await quotes.files(file=io.BytesIO(b"content"), meta={"a": 1}, name=None)
    await quotes.raw(b"\x89PNG")
    form, files, raw = mock.requests
    assert files.headers["Content-Type"].startswith("multipart/form-data")
    assert form.content == b"a%5Bb%5D=c+d"
    (content,) = bodies
    assert (
        b'name="file"' in content,
        b'{"a":1}' in content,
        b'name="name"' in content,
    ) == (
        True,
        True,
        False,
    )
    assert (raw.content, raw.headers["Content-Type"]) == (b"\x89PNG", "image/png")


async def test_a_response_that_may_be_empty_is_none_then(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["bodies"])
    upstream_mock("quotes").on("PATCH", "patch").content("", 204).json({"fins": 2})
    assert await quotes.patch_() is None
    assert (await quotes.patch_()).fins == 2


async def test_bytes_and_text(object_of, upstream_mock):
    quotes = object_of(odd.SCHEMAS["bodies"])
    upstream_mock("quotes").get("image").content(b"\x89PNG")
    upstream_mock("quotes").get("csv").content("a,b")
    assert (await quotes.image(), await quotes.csv()) == (b"\x89PNG", "a,b")


async def test_ids_are_uuids(object_of, upstream_mock):
    quotes = object_of(returning({**TEXT, "format": "uuid"}))
    upstream_mock("quotes").get("thing").json("00000000-0000-4000-8000-000000000000")
    assert await quotes.thing() == UUID(int=0x40008000000000000000)


async def test_several_successes_of_the_same_operation(object_of, upstream_mock):
    answers = {"200": json_of(TEXT), "201": json_of({"type": "integer"})}
    quotes = object_of(document(one(answers, "post", parameters=[query("a")])))
    upstream_mock("quotes").post("thing").json("a").json(1)
    assert (await quotes.thing(), await quotes.thing()) == ("a", 1)
