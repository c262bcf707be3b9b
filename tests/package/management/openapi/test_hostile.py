"""Schemas that somebody wrote to do harm: refused in one sentence, or written as nothing but text."""

import ast
import json

import pytest
from django.core.management import CommandError, call_command
from upstreams.management.openapi import source, syntax
from upstreams.management.openapi.errors import SchemaError
from upstreams.testing import Loopback, http_response

from management.openapi.odd import FISH
from management.openapi.schemas import STORE, TEXT, document, ok, one, query, returning

pytestmark = pytest.mark.usefixtures("unformatted")
CODE = [
    '"""\nimport os\nos.abort()\n"""',
    "'''\nimport os\n",
    '\\"""; import os; """',
    'a"; import os; "',
    "a\\",
    "a\nimport os",
    "a\r\nimport os",
    "a\x0cimport os\x00",
    "{__import__('os').abort()}",
    "# noqa\n# type: ignore",
    "\u2028import os",
    "]) or __import__('os').abort() #",
    "${x} $name {name} %s",
]


def refused(write, schema, message):
    with pytest.raises(CommandError, match=message) as found:
        write(schema, "store")
    assert "\n" not in str(found.value)


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


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        (
            {"swagger": "2.0", "paths": {"/a": {}}},
            "^--openapi: the schema is Swagger 2.0; convert it to OpenAPI 3",
        ),
        (
            {"openapi": "4.0.0", "paths": {"/a": {}}},
            "^--openapi: the schema has openapi: 4.0.0; use OpenAPI 3.0",
        ),
        (
            {"openapi": 3, "paths": {"/a": {}}},
            "^--openapi: the schema has openapi: 3; use OpenAPI 3.0 or 3.1",
        ),
        ({"paths": {"/a": {}}}, "no key `openapi`"),
        ({"openapi": "3.0.0"}, "^--openapi: the schema has no paths: there is nothing to call$"),
        ({"openapi": "3.1.0", "paths": []}, "the schema has no paths"),
        ({"openapi": "3.1.0", "paths": {"/a": None}}, "the schema has no operations"),
        (
            {"openapi": "3.1.0", "paths": {"/a/../b": {"get": {}}}},
            "^--openapi: Left out get_a_b: its path is no",
        ),
        ({"openapi": "3.1.0", "paths": {"/a/{": {"get": {}}}}, "the braces of its path are no names"),
        ("[]", "^--openapi: the schema must be an object with the key `openapi`$"),
        ("{", "^--openapi: the schema is not JSON: line 1$"),
        ('{"a":' * 100_000, "^--openapi: the schema is nested too deeply$"),
        ('{"a":' + "[" * 900 + "]" * 900 + "}", "^--openapi: the schema is nested too deeply$"),
        ('{"a": ' + "1" * 5000 + "}", "^--openapi: the schema is not JSON"),
        ("", "the schema must be an object"),
        ("a: [", "^--openapi: the schema is not YAML with the values of JSON: line"),
        ("a: !!python/object/apply:os.abort []", "is not YAML with the values of JSON"),
        ("a: &a [*a]", "^--openapi: an alias of the schema contains itself$"),
        ("a: " + "[" * 3000, "the schema is n"),
        ("? [a]\n: b", "is not YAML with the values of JSON"),
    ],
)
def test_what_is_no_schema_is_refused_in_one_sentence(write, schema, message):
    refused(write, schema, message)


def test_a_bomb_of_aliases_is_refused(write):
    lines = ["a0: &a0 [" + ",".join("x" * 10) + "]"]
    lines += [f"a{n}: &a{n} [{','.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    refused(write, "\n".join(lines), r"^--openapi: the schema has more than 5,000,000 values$")


def test_a_large_file_is_not_read_whole(write, root, monkeypatch):
    monkeypatch.setattr(source, "MAX_SIZE", 1024**2)
    refused(write, " " * (1024**2 + 1), r"^--openapi: the schema is larger than 1 MB$")
    with Loopback() as server:
        server.on("*", http_response("x" * (1024**2 + 1)))
        with pytest.raises(CommandError, match=r"^--openapi: the schema is larger than 1 MB$"):
            call_command("startupstream", "store", openapi=server.url)


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


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://schemas.example.com/a", "^--openapi: plain HTTP beyond this machine"),
        ("ftp://user:word@schemas.test/a", "^--openapi: write the URL of the schema as https://"),
        ("https://[::1", "^--openapi: write the URL of the schema as https://"),
        ("file:///etc/passwd", "^--openapi: write the URL of the schema as https://"),
    ],
)
def test_a_url_that_is_not_fetched(root, url, message):
    with pytest.raises(CommandError, match=message) as found:
        call_command("startupstream", "store", openapi=url)
    assert "word" not in str(found.value)


def test_a_server_that_has_no_schema_is_named_without_credentials(root):
    with Loopback() as server:
        server.on("*", http_response("no", status=404))
        url = server.url.replace("http://", "http://user:word@")
        with pytest.raises(CommandError, match=r"^--openapi: 127\.0\.0\.1 responded with status 404$"):
            call_command("startupstream", "store", openapi=f"{url}/a?key=word")
    with pytest.raises(
        CommandError, match=r"^--openapi: 127\.0\.0\.1: ConnectError: the schema was not fetched$"
    ):
        call_command("startupstream", "store", openapi=f"{url}/a")


def test_a_file_that_is_not_there_is_named(root):
    with pytest.raises(CommandError, match=r"^--openapi: gone\.yaml: No such file or directory$"):
        call_command("startupstream", "store", openapi="gone.yaml")


def test_yaml_has_no_dates_and_no_countries_that_are_false(write):
    schema = json.loads(json.dumps(STORE))
    text = json.dumps(schema).replace('"enum": ["available", "sold"]', '"enum": [NO, 2024-01-01]')
    assert "`NO`, `2024-01-01`" in write("# YAML\n" + text, "store")
