"""Responses that are made up: valid, the same each time, and of the schema's own examples where it has any."""

import json

import pytest
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.schemas import examples
from upstreams.management.schemas.recorded import RecordedSchema

from management.openapi import odd
from management.openapi.schemas import STORE, TEXT, document, one, returning

UUID = "00000000-0000-4000-8000-000000000001"


def of(schema, **properties):
    return {"type": "object", "required": list(properties), "properties": properties, **schema}


@pytest.fixture
def example(thing):
    """Return the example of a schema."""
    return lambda *args, **options: json.loads(thing(*args, **options).example().body)


def test_an_example_is_a_whole_response():
    found = RecordedSchema(STORE).operation("GET", "pets/7").example()
    assert (found.status, found.headers) == (200, {"content-type": "application/json"})
    pet = {"id": 1, "name": "name", "bornOn": "2026-01-31", "soldAt": "2026-01-31T12:00:00Z"}
    assert json.loads(found.body).items() >= {**pet, "status": "available", "class": "class"}.items()


def test_the_first_success_is_made_up_or_the_status_that_is_named():
    schema = RecordedSchema(document(one({"404": {}, "2XX": {}, "302": {}})))
    operation = schema.operation("GET", "thing")
    assert [operation.example(status).status for status in (None, 404, 201)] == [200, 404, 201]


def test_a_status_that_the_schema_does_not_have_is_an_error():
    operation = RecordedSchema(STORE, "a.json").operation("GET", "pets/7")
    with pytest.raises(
        SchemaError, match=r"^GET /pets/\{petId\} has no status 202 in a\.json, but 200, 404$"
    ):
        operation.example(202)


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "string", "example": "Rex"}, "Rex"),
        ({"type": "integer", "example": "Rex"}, 1),
        ({"type": "integer", "default": 5}, 5),
        ({"enum": [None, "a"], "nullable": True}, "a"),
        ({"type": "string", "format": "uuid"}, UUID),
        ({"type": "string", "minLength": 9, "maxLength": 9}, "texttextt"),
        ({"type": "string", "pattern": "^[A-Z]{3}-\\d+(x|y)?$"}, "AAA-0"),
        ({"type": "string", "pattern": "^sk_[^s-z_]+\\.(?:com|org)$"}, "sk_a.com"),
        ({"type": "string", "pattern": "^\\w+$", "minLength": 4}, "aaaaaa"),
        ({"type": "integer", "minimum": 3, "exclusiveMinimum": True}, 4),
        ({"type": "integer", "multipleOf": 7, "minimum": 8}, 14),
        ({"type": "number", "maximum": -2.5}, -2.5),
        ({"type": "array", "items": {"type": "integer"}, "minItems": 2, "uniqueItems": True}, [1, 2]),
        ({"type": "object", "additionalProperties": {"type": "boolean"}}, {"name1": True}),
        ({"type": "array", "maxItems": 0, "items": TEXT}, []),
        ({"anyOf": [{"type": "null"}, {"type": "boolean"}]}, True),
        ({"allOf": [of({}, a=TEXT), of({}, a={"enum": ["b"]}, c={"type": "boolean"})]}, {"a": "b", "c": True}),
    ],
)  # fmt: skip
def test_a_value_fits_its_schema(example, schema, value):
    assert example(schema) == value


def test_examples_of_the_media_type_come_first():
    described = document(one({"200": {"content": {"application/json": {"schema": TEXT, "example": "mine"}}}}))
    assert RecordedSchema(described).operation("GET", "thing").example().body == b'"mine"'
    media = {
        "schema": TEXT,
        "examples": {"wrong": {"value": 1}, "right": {"$ref": "#/components/examples/a"}},
    }
    described = document(one({"200": {"content": {"application/json": media}}}))
    described["components"]["examples"] = {"a": {"value": "yours"}}
    assert RecordedSchema(described).operation("GET", "thing").example().body == b'"yours"'


def test_a_cycle_is_cut_where_it_may_be(example):
    tree = of({}, children={"type": "array", "items": {"$ref": "#/components/schemas/Tree"}})
    assert example({"$ref": "#/components/schemas/Tree"}, {"Tree": tree}) == {"children": [{"children": []}]}


def test_a_cycle_without_an_end_is_an_error(thing):
    schemas = {"Tree": of({}, child={"$ref": "#/components/schemas/Tree"})}
    with pytest.raises(
        SchemaError, match=r"^GET /thing: no example of 200 can be made up: .* contains itself without"
    ):
        thing({"$ref": "#/components/schemas/Tree"}, schemas).example()


def test_the_discriminator_of_a_union_is_its_name_or_that_of_the_mapping(example):
    schemas = {"Cat": of({}, kind=TEXT, lives={"type": "integer"}), "Dog": of({}, kind=TEXT)}
    members = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    union = {"oneOf": members, "discriminator": {"propertyName": "kind"}}
    assert example(union, schemas)["kind"] == "Cat"
    union["discriminator"]["mapping"] = {"cat": "#/components/schemas/Cat"}
    assert example(union, schemas)["kind"] == "cat"


def test_what_cannot_be_made_up_is_an_error_with_the_reason(thing):
    with pytest.raises(SchemaError, match=r"no example of 200 can be made up: no value was found for code$"):
        thing(of({}, code={"type": "string", "pattern": "^(?=b)a$"})).example()


@pytest.mark.parametrize(
    ("content", "body"),
    [
        ({}, b""),
        ({"text/plain": {"schema": TEXT}}, b"text"),
        ({"text/event-stream": {"schema": of({}, a=TEXT)}}, b'data: {"a": "a"}\n\n'),
        ({"text/event-stream": {"schema": TEXT}}, b"data: text\n\n"),
        ({"text/event-stream": {"example": "event: a\ndata: 1\n\n"}}, b"event: a\ndata: 1\n\n"),
        ({"application/jsonl": {"schema": TEXT}}, b'"text"\n'),
        ({"image/png": {"schema": {**TEXT, "format": "binary"}}}, b"text"),
        ({"application/xml": {"example": "<a/>"}, "text/csv": {}}, b"{}"),
    ],
    ids=["none", "text", "events", "event", "stream", "lines", "binary", "csv"],
)
def test_a_body_that_is_no_json(content, body):
    operation = RecordedSchema(document(one({"200": {"content": content}}))).operation("GET", "thing")
    assert operation.example().body == body


def test_a_header_that_is_required_is_there():
    response = {
        "headers": {"X-Total": {"required": True, "schema": {"type": "integer"}}, "X-Other": {"schema": TEXT}}
    }
    operation = RecordedSchema(document(one({"204": response}))).operation("GET", "thing")
    assert operation.example().headers == {"x-total": "1"}


@pytest.mark.parametrize("name", sorted(odd.SCHEMAS))
def test_an_odd_schema_has_an_example_for_each_operation(name):
    operations = RecordedSchema(odd.SCHEMAS[name]).operations
    examples = [(one, one.example()) for one in operations if any(s[0] in "2d" for s in one.statuses)]
    assert {one.response_problem(made.status, made.headers, made.body) for one, made in examples} <= {""}


def test_a_hostile_schema_ends_soon(thing, monkeypatch):
    monkeypatch.setattr(examples, "MAX_TRIES", 3_200)
    chain = {
        f"A{n}": of({}, **{f"p{m}": {"$ref": f"#/components/schemas/A{n + 1}"} for m in range(4)})
        for n in range(11)
    }
    chain["A11"] = TEXT
    with pytest.raises(SchemaError, match="the schema is too large"):
        thing({"$ref": "#/components/schemas/A0"}, chain).example()


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_a_union_that_contains_itself_ends(example, keyword):
    schemas = {"A": {keyword: [{"$ref": "#/components/schemas/A"}] * 2 + [TEXT]}}
    assert example({"$ref": "#/components/schemas/A"}, schemas) == "text"


def test_without_the_extra_its_name_is_told(monkeypatch):
    monkeypatch.setattr("upstreams.management.schemas.validation.find_spec", lambda name: None)
    with pytest.raises(SchemaError, match=r"django-upstreams\[openapi\]"):
        RecordedSchema(returning(TEXT)).operation("GET", "thing").example()
