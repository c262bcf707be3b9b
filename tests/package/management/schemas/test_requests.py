"""Which requests a schema allows."""

import pytest
from upstreams.management.schemas.recorded import RecordedSchema

from management.openapi.schemas import STORE, TEXT, document, json_of, one, query

JSON = {"content-type": "application/json"}


def test_what_fits_is_allowed():
    schema = RecordedSchema(STORE)
    assert schema.operation("GET", "pets").request_problem("pets", "limit=3&status=sold", {}, b"") == ""
    assert schema.operation("GET", "pets/7").request_problem("pets/7", "", {}, b"") == ""
    # `id` is readOnly
    assert schema.operation("POST", "pets").request_problem("pets", "", JSON, b'{"name": "Rex"}') == ""


@pytest.mark.parametrize(
    ("method", "path", "sent", "body", "sentence"),
    [
        ("GET", "pets", "limit=a", b"", 'the query has limit="a" is not of type integer (schema.json, {list}/0/schema/type)'),
        ("GET", "pets", "status=lost", b"", 'the query has status="lost" is not one of "available", "sold" (schema.json, {list}/1/schema/enum)'),
        ("GET", "pets/rex", "", b"", 'the path has petId="rex" is not of type integer (schema.json, {get}/parameters/0/schema/type)'),
        ("POST", "pets", "", b"{}", "$.name is missing (schema.json, components/schemas/Pet/required)"),
        ("POST", "pets", "", b"", "it has no body, which is required"),
    ],
    ids=["type", "enum", "path", "body", "empty"],
)  # fmt: skip
def test_what_does_not_fit_is_named(method, path, sent, body, sentence):
    operation = RecordedSchema(STORE).operation(method, path)
    expected = sentence.replace("{list}", "paths/~1pets/get/parameters").replace(
        "{get}", "paths/~1pets~1{petId}"
    )
    assert operation.request_problem(path, sent, JSON, body) == expected


def test_what_is_required_must_be_there():
    parameters = [
        query("a", required=True),
        {"in": "header", "name": "X-A", "required": True, "schema": TEXT},
    ]
    operation = RecordedSchema(document(one({}, parameters=parameters))).operation("GET", "thing")
    assert operation.request_problem("thing", "", {}, b"") == "the query has no a, which is required"
    assert operation.request_problem("thing", "a=", {}, b"") == "the header has no X-A, which is required"
    assert operation.request_problem("thing", "a=", {"x-a": ""}, b"") == ""


INTEGERS = {"type": "array", "items": {"type": "integer"}, "maxItems": 2}
DEEP = query("o", {"type": "object"}, style="deepObject", required=True)


@pytest.mark.parametrize(
    ("parameter", "sent", "sentence"),
    [
        (query("a", INTEGERS), "a=1&a=2", ""),
        (query("a", INTEGERS), "a=1&a=b", 'the query has a[1]: "b" is not of type integer'),
        (query("a", INTEGERS), "a=1&a=2&a=3", "the query has a="),
        (query("a", INTEGERS, explode=False), "a=1,2", ""),
        (query("a", INTEGERS, explode=False), "a=", ""),
        (query("a", INTEGERS, explode=False), "a=1,b", 'the query has a[1]: "b" is not of type integer'),
        (query("a", INTEGERS, style="pipeDelimited", explode=False), "a=1%7Cb", 'the query has a[1]: "b"'),
        (query("a", {"type": "array", "items": {"type": "object"}}), "a=1", ""),
        (query("limit"), "limt=1", "the query has limt, which is not in the schema; did you mean 'limit'?"),
        (DEEP, "o[b]=1", ""),
        (DEEP, "p[b]=1", "the query has p[b], which is not in the schema; known are o"),
        (query("o", {"type": "object"}), "any=1", ""),
        (query("o", {"oneOf": [TEXT]}), "any=1", ""),
        (query("a"), "api-key=1", ""),
    ],
)  # fmt: skip
def test_lists_and_names_of_a_query_are_checked(parameter, sent, sentence):
    schema = document(one({}, parameters=[parameter]))
    schema["components"]["securitySchemes"] = {"key": {"type": "apiKey", "in": "query", "name": "api-key"}}
    problem = RecordedSchema(schema).operation("GET", "thing").request_problem("thing", sent, {}, b"")
    assert problem.startswith(sentence)
    assert bool(problem) is bool(sentence)


def test_another_media_type_than_that_of_the_schema_is_refused():
    operation = RecordedSchema(document(one({}, "post", requestBody=json_of(TEXT)))).operation(
        "POST", "thing"
    )
    problem = operation.request_problem("thing", "", {"content-type": "text/plain"}, b"a")
    assert problem == "content-type text/plain is not in the schema, which has application/json"


def test_a_query_that_is_part_of_the_path_is_known():
    operation = RecordedSchema(document(one({}, path="/thing?kind=a"))).operation("GET", "thing")
    assert operation.request_problem("thing", "kind=a", {}, b"") == ""
    assert (
        operation.request_problem("thing", "knd=a", {}, b"")
        == "the query has knd, which is not in the schema"
    )
