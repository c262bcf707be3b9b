"""Which responses a schema allows, and how the others are described."""

import json

import pytest
from upstreams.management.schemas.recorded import RecordedSchema

from management.openapi.schemas import STORE, TEXT, document, json_of, one

REX = {"id": 7, "name": "Rex"}
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def store():
    return RecordedSchema(STORE, "store_openapi.json")


def problem(operation, value, status=200, headers=JSON):
    return operation.response_problem(status, headers, json.dumps(value).encode())


@pytest.mark.parametrize("path", ["pets/7", "/pets/7", "pets/a%2Fb"])
def test_what_fits_is_allowed(store, path):
    assert problem(store.operation("GET", path), REX | {"unknown": 1, "soldAt": None, "parents": [REX]}) == ""


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            REX | {"name": 3},
            "$.name: 3 is not of type string (store_openapi.json, {pet}/properties/name/type)",
        ),
        ({"id": 7}, "$.name is missing (store_openapi.json, {pet}/required)"),
        (
            REX | {"bornOn": "2023-02-29"},
            '$.bornOn: "2023-02-29" is not of format date (store_openapi.json, {pet}/properties/bornOn/format)',
        ),
        (
            REX | {"status": "lost"},
            '$.status: "lost" is not one of "available", "sold" (store_openapi.json, {pet}/properties/status/enum)',
        ),
        (
            REX | {"parents": [REX, REX | {"name": None}]},
            "$.parents[1].name: null is not of type string (store_openapi.json, {pet}/properties/name/type)",
        ),
        ([REX], "of type object (store_openapi.json, {pet}/type)"),
    ],
    ids=["type", "missing", "format", "enum", "cycle", "whole"],
)
def test_what_does_not_fit_is_named_with_its_place(store, value, sentence):
    expected = sentence.replace("{pet}", "components/schemas/Pet")
    assert problem(store.operation("GET", "pets/7"), value).endswith(expected)


def test_three_errors_are_named_and_the_others_counted(store):
    value = {"class": 1, "bornOn": 1, "status": 1, "soldAt": 1}
    assert problem(store.operation("GET", "pets/7"), value).endswith("; and 4 more")


def test_a_status_that_is_not_in_the_schema_is_refused(store):
    expected = "status 202 is not in the schema, which has 200, 404 (store_openapi.json, getPet)"
    assert problem(store.operation("GET", "pets/7"), REX, 202) == expected


@pytest.mark.parametrize("status", [304, 401, 403, 429, 500, 503])
def test_what_a_gateway_or_a_cache_sends_is_allowed(store, status):
    assert problem(store.operation("GET", "pets/7"), "busy", status) == ""


def test_an_error_that_the_schema_describes_has_to_fit():
    described = document(
        one({"200": {}, "403": json_of(TEXT), "4XX": json_of({"type": "integer"}), "default": {}})
    )
    operation = RecordedSchema(described).operation("GET", "thing")
    assert problem(
        operation, 1, 403
    ) == "$: 1 is not of type string (schema.json, {place}/403/{type})".format(
        place="paths/~1thing/get/responses", type="content/application~1json/schema/type"
    )
    assert [bool(problem(operation, "a", status)) for status in (404, 302)] == [True, False]


@pytest.mark.parametrize(
    ("body", "headers", "sentence"),
    [
        (b"{", JSON, "the body is not JSON"),
        (b"NaN", JSON, "the body is not JSON"),
        (b"", JSON, "the body is empty, where the schema has JSON"),
        (
            b"<a/>",
            {"content-type": "text/xml; a=b"},
            "content-type text/xml is not in the schema, which has application/json",
        ),
    ],
    ids=["cut", "nan", "empty", "xml"],
)
def test_a_body_that_is_not_the_json_of_the_schema_is_refused(store, body, headers, sentence):
    assert store.operation("GET", "pets/7").response_problem(200, headers, body) == sentence


def test_another_kind_of_json_is_as_good(store):
    assert (
        problem(store.operation("GET", "pets/7"), REX, headers={"content-type": "application/hal+json"}) == ""
    )


def test_a_body_without_a_content_type_is_checked_as_json(store):
    assert "name is missing" in problem(store.operation("GET", "pets/7"), {"id": 1}, headers={})


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "pets/7/name"), ("PATCH", "pets/7"), ("GET", "pets/"), ("GET", "")]
)
def test_a_path_or_a_method_that_is_not_there_has_no_operation(store, method, path):
    assert store.operation(method, path) is None


def test_a_path_without_parameters_comes_first():
    paths = {
        path: {"get": {"operationId": path, "responses": {}}}
        for path in ("/{a}/b", "/{a}/{b}", "/a/{b}.json")
    }
    schema = RecordedSchema(document(paths))
    found = [schema.operation("get", path).path for path in ("c/b", "c/d", "a/c.json", "a/.json")]
    assert found == ["/{a}/b", "/{a}/{b}", "/a/{b}.json", "/{a}/{b}"]
