"""What OpenAPI says in its own way, 3.0 and 3.1, and schemas that somebody has got wrong."""

import pytest

from management.openapi.schemas import TEXT

CAT = {
    "type": "object",
    "required": ["kind", "lives"],
    "properties": {"kind": TEXT, "lives": {"type": "integer"}},
}
DOG = {
    "type": "object",
    "required": ["kind", "barks"],
    "properties": {"kind": TEXT, "barks": {"type": "boolean"}},
}
NULLABLE = [
    {"type": "string", "nullable": True},
    {"type": "string", "nullable": True, "enum": ["a"]},
    {"nullable": True, "allOf": [{"$ref": "#/components/schemas/Text"}]},
]


@pytest.mark.parametrize("schema", NULLABLE, ids=["type", "enum", "reference"])
def test_nullable_of_3_0_allows_null_and_nothing_else(refused, schema):
    schemas = {"Text": TEXT}
    assert refused(schema, b"null", schemas) == ""
    assert "1 is not" in refused(schema, b"1", schemas)


@pytest.mark.parametrize("schema", NULLABLE[:1])
def test_nullable_means_nothing_in_3_1(refused, schema):
    assert "null is not of type string" in refused(schema, b"null", version="3.1.0")
    assert refused({"type": ["string", "null"]}, b"null", version="3.1.0") == ""


def test_exclusive_bounds_of_both_versions(refused):
    assert "0" in refused({"type": "integer", "minimum": 0, "exclusiveMinimum": True}, b"0")
    assert "0" in refused({"type": "integer", "exclusiveMinimum": 0}, b"0", version="3.1.0")
    assert refused({"type": "integer", "minimum": 0, "exclusiveMinimum": False}, b"0") == ""


def test_a_response_needs_no_property_that_is_only_written(refused):
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": TEXT, "b": {**TEXT, "writeOnly": True}},
    }
    assert refused(schema, b'{"a": ""}') == ""
    assert "$.a is missing" in refused(schema, b'{"b": ""}')


def test_what_fits_two_of_one_of_is_allowed(refused):
    assert refused({"oneOf": [{"type": "integer"}, {"type": "number"}]}, b"1") == ""
    assert refused({"oneOf": [{"oneOf": [{"type": "integer"}, {"type": "number"}]}, TEXT]}, b"1") == ""
    assert "fits none of the schemas" in refused(
        {"oneOf": [{"type": "integer"}, {"type": "number"}]}, b"true"
    )


def test_of_a_union_the_member_that_was_meant_is_named(refused):
    members = [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")]
    kinds = [
        {**one, "properties": {**one["properties"], "kind": {"enum": [kind]}}}
        for one, kind in ((CAT, "cat"), (DOG, "dog"))
    ]
    found = refused({"oneOf": members}, b'{"kind": "dog"}', dict(zip(("Cat", "Dog"), kinds, strict=True)))
    assert found == "$.barks is missing (store_openapi.json, components/schemas/Dog/required)"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "objekt"},
        {"type": "object", "required": True, "properties": {"a": 1}},
        {"minimum": "3", "maxLength": -1, "multipleOf": 0, "enum": "a"},
        {"pattern": "["},
        {"patternProperties": {"[": {"type": "string"}}},
        {"allOf": [], "items": 3},
        {"$id": "https://example.com/a", "$schema": "https://example.com/b", "$dynamicRef": "#a"},
    ],
    ids=["type", "required", "numbers", "pattern", "names", "parts", "keys"],
)
@pytest.mark.parametrize("version", ["3.0.3", "3.1.0"])
def test_keywords_that_are_wrong_are_left_out(refused, schema, version):
    assert refused(schema, b'{"a": 1}', version=version) == ""


def test_a_reference_may_lead_into_another_schema(refused):
    schemas = {"A": {"oneOf": [{"type": "object", "properties": {"b": TEXT}}, TEXT]}}
    found = refused({"$ref": "#/components/schemas/A/oneOf/0/properties/b"}, b"1", schemas)
    assert (
        found
        == "$: 1 is not of type string (store_openapi.json, components/schemas/A/oneOf/0/properties/b/type)"
    )


def test_names_with_slashes_braces_and_tildes_are_found(refused):
    schemas = {"a/{b}~c": TEXT}
    assert "is not of type string (store_openapi.json, components/schemas/a~1{b}~0c/type)" in refused(
        {"$ref": "#/components/schemas/a~1{b}~0c"}, b"1", schemas
    )


@pytest.mark.parametrize("keyword", ["allOf", "anyOf", "oneOf"])
def test_a_schema_that_contains_itself_ends(refused, keyword):
    schemas = {"A": {keyword: [{"$ref": "#/components/schemas/A"}], "type": "string"}}
    assert "1 is not of type string" in refused({"$ref": "#/components/schemas/A"}, b"1", schemas)


LONG = b'"' + b"a" * 2000 + b'!"'


def test_a_pattern_that_would_take_long_is_matched_in_linear_time(refused):
    assert "does not match the pattern ^(a+)+$" in refused({"type": "string", "pattern": "^(a+)+$"}, LONG)


@pytest.mark.parametrize(
    "wrap", [lambda one: one, lambda one: {"anyOf": [one, {"type": "null"}]}], ids=["alone", "union"]
)
def test_a_pattern_that_takes_too_long_is_not_checked(refused, wrap):
    assert refused(wrap({"type": "string", "pattern": r"^(?:(a+)\1?)+b$"}), LONG) == ""
