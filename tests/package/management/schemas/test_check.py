"""`startupstream NAME --check`: whether the present schema is still the recorded one."""

import copy
import json
from contextlib import suppress

import pytest
from django.core.management import CommandError, call_command
from upstreams.testing import Loopback, http_response

from management.openapi.schemas import STORE, TEXT, json_of, query

pytestmark = pytest.mark.usefixtures("unformatted")
GET_PET = "paths", "/pets/{petId}", "get"
LIST = "paths", "/pets", "get"
POST = "paths", "/pets", "post"
PET = "components", "schemas", "Pet"


@pytest.fixture
def check(write, root, monkeypatch, capsys):
    """Write an upstream, change its schema, and return the lines that the check prints."""
    write(STORE, "store")
    monkeypatch.chdir(root)

    def run(*changes):
        schema = copy.deepcopy(STORE)
        for path, key, value in changes:
            found = schema
            for part in path:
                found = found[part]
            if value is None:
                del found[key]
            else:
                found[key] = value
        (root / "schema.json").write_text(json.dumps(schema))
        capsys.readouterr()
        with suppress(CommandError):  # asserted below
            call_command("startupstream", "store", check=True)
        return capsys.readouterr().out.splitlines()

    return run


def test_the_same_schema_passes(check):
    assert check() == ["services/store_openapi.json is up to date."]


def test_a_record_that_cannot_be_read_is_named(check, root):
    (root / "services" / "store_openapi.json").write_text("{")
    with pytest.raises(CommandError, match=r"^--check: store_openapi\.json: the schema is not JSON: line 1$"):
        call_command("startupstream", "store", check=True)


def test_a_record_that_names_no_source_is_compared_with_a_named_one(check, root, capsys):
    check()
    record = root / "services" / "store_openapi.json"
    found = json.loads(record.read_text())
    del found["x-recorded"]
    record.write_text(json.dumps(found))
    with pytest.raises(CommandError, match=r"from: name that by --openapi$"):
        call_command("startupstream", "store", check=True)
    call_command("startupstream", "store", check=True, openapi="schema.json")
    assert "services/store_openapi.json is up to date." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("path", "key", "value"),
    [
        (PET, "description", "other words"),
        ((*PET, "properties", "name"), "example", "Rex"),
        (("components", "schemas"), "Unused", TEXT),
        (("info",), "version", "2"),
    ],
    ids=["words", "example", "unused", "version"],
)
def test_what_means_nothing_passes(check, path, key, value):
    assert check((path, key, value)) == ["services/store_openapi.json is up to date."]


@pytest.mark.parametrize(
    ("path", "key", "value", "line"),
    [
        (GET_PET[:2], "delete", None, "breaks  DELETE /pets/{petId}: is gone"),
        (("paths",), "/new", {"get": {"responses": {}}}, "changes GET /new: is new"),
        ((*GET_PET, "responses"), "200", None, "breaks  GET /pets/{petId}, response 200: is gone"),
        ((*GET_PET, "responses"), "410", {}, "changes GET /pets/{petId}, response 410: is new"),
        (
            (*PET, "properties"),
            "name",
            None,
            "breaks  GET /pets, response 200, and 3 more: Pet.name is gone",
        ),
        ((*PET, "properties"), "tag", TEXT, "changes GET /pets, response 200, and 3 more: Pet.tag is new"),
        (PET, "required", ["id"], "breaks  GET /pets, response 200, and 2 more: Pet.name may be absent now"),
        (PET, "required", ["id", "name", "class"], "breaks  POST /pets, request: Pet.class is required now"),
        ((*PET, "properties", "class"), "type", "integer", "Pet.class is integer, and was string"),
        ((*PET, "properties", "class"), "nullable", True, "Pet.class is null or string, and was string"),
        ((*PET, "properties", "bornOn"), "format", "date-time", 'Pet.bornOn has format "date-time", and had "date"'),
        ((*PET, "properties", "status"), "enum", ["sold"], 'breaks  POST /pets, request: Pet.status can no longer be "available"'),
        ((*PET, "properties", "name"), "maxLength", 9, "breaks  POST /pets, request: Pet.name has maxLength 9, and had none"),
        (LIST, "parameters", [query("a", required=True)], "breaks  GET /pets, query a: is new and required"),
        (LIST, "parameters", [], "breaks  GET /pets, query limit: is gone"),
        ((*POST, "requestBody"), "content", {}, "breaks  POST /pets, request: is no longer application/json"),
        ((*POST, "responses", "201"), "content", json_of({"oneOf": [{"$ref": "#/components/schemas/Pet"}, {"$ref": "#/components/schemas/Unused"}]})["content"], "breaks  POST /pets, response 201: Pet is one of several schemas now, and was one schema"),
        ((), "security", [], "breaks  GET /pets: asks for other credentials"),
        ((), "servers", [{"url": "https://b.example.com"}], "changes servers: are now https://b.example.com"),
    ],
)  # fmt: skip
def test_each_change_has_a_line_that_says_whether_it_breaks(check, path, key, value, line):
    assert any(found.endswith(line) for found in check((path, key, value))), check((path, key, value))


def test_the_command_fails_and_counts(check, root):
    check(((*PET, "properties"), "name", None), ((*PET, "properties"), "tag", TEXT))
    with pytest.raises(
        CommandError, match="has changed in 2 places, 1 of which may break this service; write it again"
    ):
        call_command("startupstream", "store", check=True)


def test_only_the_operations_that_were_named_are_compared(write, root, monkeypatch, capsys):
    write(STORE, "store", only="getPet")
    monkeypatch.chdir(root)
    call_command("startupstream", "store", check=True)
    assert capsys.readouterr().out.endswith("services/store_openapi.json is up to date.\n")


def test_the_present_schema_may_be_elsewhere(write, capsys):
    write(STORE, "store")
    with Loopback() as server:
        server.on("*", http_response(STORE))
        call_command("startupstream", "store", check=True, openapi=f"{server.url}/a.json")
    assert capsys.readouterr().out.endswith("services/store_openapi.json is up to date.\n")


def test_it_is_fetched_from_where_it_was(root, capsys):
    with Loopback() as server:
        server.on("*", http_response(STORE))
        call_command("startupstream", "store", openapi=f"{server.url}/a.json")
        call_command("startupstream", "store", check=True)
    assert capsys.readouterr().out.endswith("services/store_openapi.json is up to date.\n")


def test_what_is_not_there_is_named(write, root, monkeypatch):
    with pytest.raises(
        CommandError, match=r"^--check: there is no services/store_openapi\.json; write it by --o"
    ):
        call_command("startupstream", "store", check=True)
    write(STORE, "store")
    monkeypatch.chdir(root / "services")
    with pytest.raises(CommandError, match=r"^--check: schema\.json: No such file or directory$"):
        call_command("startupstream", "store", check=True)


@pytest.mark.parametrize(
    "options",
    [{"write": True}, {"only": "getPet", "openapi": "a.json"}, {"remove": True}],
    ids=["write", "only", "remove"],
)
def test_options_that_do_not_go_together_are_refused(root, options):
    with pytest.raises(CommandError, match="without --"):
        call_command("startupstream", "store", check=True, **options)
