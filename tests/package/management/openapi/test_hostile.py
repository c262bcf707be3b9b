"""Schemas that somebody wrote to do harm: refused in one sentence, or written as nothing but text."""

import ast

import pytest
from upstreams.management.openapi import syntax
from upstreams.management.openapi.errors import SchemaError

from management.openapi.odd import FISH
from management.openapi.refusal import refused
from management.openapi.schemas import TEXT, document, ok, one, query, returning

pytestmark = pytest.mark.usefixtures("unformatted")
CODE = [
    '"""\nimport os\nos.abort()\n"""',
    "'''\nimport os\n",
    '\\"""; import os; """',
    'a"; import os; "',
    "a\\",
    "a\"'; import os; '\"",
    "a\nimport os",
    "a\r\nimport os",
    "a\x0cimport os\x00",
    "{__import__('os').abort()}",
    "# noqa\n# type: ignore",
    "\u2028import os",
    "]) or __import__('os').abort() #",
    "${x} $name {name} %s",
]


@pytest.mark.parametrize("text", CODE)
def test_text_stays_text_wherever_it_stands(write, root, text):
    value = {
        "type": "string",
        "description": text,
        "enum": [text],
        "default": text,
        "format": text,
        "pattern": text,
    }
    schemas = {
        text: {"type": "object", "title": text, "description": text, "properties": {text: value, "a": value}}
    }
    ref = "#/components/schemas/" + text.replace("~", "~0").replace("/", "~1").replace("%", "%25")
    schema = document(
        {
            "/a/{" + text.replace("/", "") + "}": {
                "post": {
                    "operationId": text,
                    "summary": text,
                    "description": text,
                    "parameters": [
                        query(text, value, description=text),
                        query("f" + text, {"type": "object"}, style="deepObject"),
                        {"in": "header", "name": text, "schema": value},
                        {"in": "path", "name": text, "schema": value},
                    ],
                    "requestBody": {"content": {"application/json": {"schema": {"$ref": ref}}}},
                    "responses": {
                        **ok({"$ref": ref}),
                        text: {"description": text},
                        "404": {"description": text},
                    },
                }
            },
            "/b": {"get": {"operationId": "b" + text, "responses": ok({"$ref": ref})}},
            "/c": {
                "post": {
                    "requestBody": {"content": {f"text/{text}": {"schema": value}}},
                    "responses": {"200": {"content": {text: {}}}},
                }
            },
        },
        schemas,
        servers=[{"url": f"https://a.example.com/{text}"}],
        security=[{text: []}],
    )
    schema["info"] = {"title": text, "description": text}
    schema["components"]["securitySchemes"] = {text: {"type": "apiKey", "in": "header", "name": text}}
    tree = ast.parse(write(schema, "store"))
    for path in (root / "services").rglob("*store*.py"):
        compile(path.read_text(), path, "exec")
    assert {type(node).__name__ for node in tree.body} <= {
        "AsyncFunctionDef", "ClassDef", "Expr", "FunctionDef", "Import", "ImportFrom", "TypeAlias",
    }  # fmt: skip
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert names <= {"datetime"}
    assert modules <= {
        "__future__",
        "collections.abc",
        "msgspec",
        "msgspec.json",
        "typing",
        "upstreams",
        "uuid",
    }
    called = {
        node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "id")
    }
    assert called <= {
        "Struct", "_form", "_given", "cast", "encode", "enumerate", "field", "isinstance", "str", "to_builtins",
    }  # fmt: skip


@pytest.mark.parametrize(
    "code", ["import os\nos.abort()", "a = open('x')", "del a", "exec('a')", "a.abort()", "1 + 1"]
)
def test_code_that_no_module_needs_would_not_be_written(code):
    with pytest.raises(
        SchemaError, match=r"^the schema has texts that would become code; nothing was written$"
    ):
        syntax.check(code)


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        (
            "../../../etc/passwd",
            r"^--openapi: \$ref: \.\./\.\./\.\./etc/passwd is outside of the schema; bundle",
        ),
        ("file:///etc/passwd", "is outside of the schema"),
        ("https://evil.test/a.json?key=word", r"\$ref: https://evil\.test/a\.json is outside"),
        ("https://user:word@evil.test/a.json", r"\$ref: a reference is outside"),
        ("#/components/schemas/Gone", r"\$ref: #/components/schemas/Gone is not in the schema"),
        ("#/paths/0", "is not in the schema"),
        (7, "is outside of the schema"),
    ],
)
def test_a_reference_that_leads_elsewhere_is_refused(write, root, ref, message):
    refused(write, returning({"$ref": ref}), message)
    assert not list((root / "services").glob("*store*"))


def test_references_in_a_circle_are_refused_where_no_value_could_be(write):
    responses = {"200": {"$ref": "#/components/responses/A"}}
    schema = document(one(responses), responses={})
    schema["components"]["responses"] = {"A": {"$ref": "#/components/responses/A"}}
    refused(write, schema, r"^--openapi: \$ref: references refer to each other in a circle$")


def test_a_schema_that_is_its_own_reference_is_anything(write):
    text = write(
        returning({"$ref": "#/components/schemas/A"}, {"A": {"$ref": "#/components/schemas/A"}}), "store"
    )
    assert "async def thing(self) -> Any:" in text


def test_deep_schemas_end(write):
    schema = TEXT
    for _ in range(60):
        schema = {"type": "array", "items": schema}
    text = "".join(write(returning(schema), "store").split())
    assert ("list[" * 20 in text, "list[" * 40 in text) == (True, False)


def test_a_name_that_is_long_is_short(write):
    text = write(
        returning({"type": "object", "properties": {"a" * 1_000_000: TEXT, "a" * 1_000_001: FISH}}), "store"
    )
    assert "    " + "a" * 60 + ": " in text


@pytest.mark.parametrize("key", ["allOf", "oneOf", "anyOf"])
def test_parts_that_double_with_each_level_end(write, key):
    refs = [{"$ref": f"#/components/schemas/S{number}"} for number in range(60)]
    schemas = {f"S{number}": {key: [refs[number + 1]] * 10} for number in range(59)}
    schemas["S59"] = {"type": "object", "properties": {"a": TEXT}}
    assert "async def thing" in write(returning(refs[0], schemas), "store")


def test_annotations_that_double_with_each_operation_end(write):
    refs = [{"$ref": f"#/components/schemas/S{number}"} for number in range(60)]
    schemas = {
        f"S{number}": {
            "oneOf": [
                {"type": "array", "items": refs[number + 1]},
                {"type": "object", "additionalProperties": refs[number + 1]},
            ]
        }
        for number in range(59)
    }
    schemas["S59"] = TEXT
    paths = {f"/{number}": {"get": {"responses": ok(refs[number])}} for number in reversed(range(60))}
    assert len(write(document(paths, schemas), "store")) < 1_000_000


@pytest.mark.parametrize(
    "part", ["\n", "[a](", "[", "**a", "<a", "```", "<!--", "|", "-", ":-", "_", "- ", "a" * 50]
)
def test_words_that_are_hard_to_read_end(write, part):
    field = {**TEXT, "description": part * 10_000}
    assert "class Thing" in write(
        returning({"type": "object", "properties": dict.fromkeys("abcdef", field)}), "store"
    )
