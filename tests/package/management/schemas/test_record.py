"""The file of a recorded schema: all that the operations need, and nothing else."""

import json

import pytest
from django.core.management import call_command
from upstreams.management.openapi import generation
from upstreams.management.schemas import renewal

from management.openapi.schemas import STORE, TEXT, document, json_of, one

pytestmark = pytest.mark.usefixtures("unformatted")


@pytest.fixture
def recorded(write, root):
    """Write an upstream, and return its recorded schema."""

    def run(schema, **options):
        write(schema, "store", **options)
        return json.loads((root / "services/store_openapi.json").read_text())

    return run


def test_it_has_the_operations_and_what_they_reach(recorded):
    found = recorded(STORE, only="getPet")
    assert list(found) == ["openapi", "x-recorded", "info", "servers", "security", "paths", "components"]
    assert {path: sorted(item) for path, item in found["paths"].items()} == {
        "/pets/{petId}": ["get", "parameters"]
    }
    assert (list(found["components"]["schemas"]), list(found["components"]["securitySchemes"])) == (
        ["Pet"],
        ["key"],
    )
    assert (found["x-recorded"]["from"], found["x-recorded"]["only"]) == ("schema.json", ["getPet"])


def test_words_and_extensions_are_left_out_but_not_the_names_of_properties(recorded):
    properties = {
        "description": TEXT | {"description": "words"},
        "title": TEXT | {"title": "T", "x-a": 1},
        "x-b": TEXT,
    }
    found = recorded(document(one({"200": {"description": "fine", **json_of({"properties": properties})}})))
    response = found["paths"]["/thing"]["get"]["responses"]["200"]
    assert response["description"] == "fine"
    assert response["content"]["application/json"]["schema"]["properties"] == dict.fromkeys(properties, TEXT)


def test_examples_stay_as_they_are(recorded):
    example = {"description": "d", "x-a": 1, "$ref": "#/nowhere"}
    found = recorded(document(one({"200": json_of({"example": example, "type": "object"})})))
    content = found["paths"]["/thing"]["get"]["responses"]["200"]["content"]
    assert content["application/json"]["schema"]["example"] == example


def test_what_a_mapping_or_a_reference_into_another_operation_leads_to_is_kept(recorded):
    ref = "#/paths/~1other/get/responses/200/content/application~1json/schema"
    union = {"oneOf": [{"$ref": ref}], "discriminator": {"propertyName": "a", "mapping": {"b": "Cat"}}}
    paths = one(json_of(union), path="/thing") | {
        "/thing": {"get": {"operationId": "thing", "responses": {"200": json_of(union)}}}
    }
    paths["/other"] = {"get": {"operationId": "other", "responses": {"200": json_of({"type": "boolean"})}}}
    found = recorded(document(paths, {"Cat": TEXT}), only="thing")
    assert "Cat" in found["components"]["schemas"]
    (name,) = set(found["components"]["schemas"]) - {"Cat"}
    assert found["components"]["schemas"][name] == {"type": "boolean"}
    response = found["paths"]["/thing"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert response["oneOf"] == [{"$ref": f"#/components/schemas/{name}"}]


def test_the_order_of_the_schema_does_not_matter(recorded, write, root):
    text = json.dumps(recorded(STORE))
    (root / "services/store_openapi.json").unlink()
    turned = {key: STORE[key] for key in reversed(STORE)}
    turned["paths"] = {key: STORE["paths"][key] for key in reversed(STORE["paths"])}
    write(turned, "store", write=True)
    assert json.dumps(json.loads((root / "services/store_openapi.json").read_text())) == text


def test_a_large_one_is_said(recorded, capsys, monkeypatch):
    monkeypatch.setattr(renewal, "LARGE", 100)
    recorded(STORE)
    assert (
        "store_openapi.json has 0.0 MB; name the operations that you call by --only\n"
        in capsys.readouterr().out
    )


def test_without_what_checks_it_the_extra_is_named(recorded, capsys, monkeypatch):
    monkeypatch.setattr(renewal, "find_spec", lambda name: None)
    recorded(STORE)
    assert "A test with a mock of store needs an extra: " in capsys.readouterr().out


def test_credentials_of_the_source_are_not_written(root, write):
    url = "https://me:word@example.com/schema.json?key=word"
    assert generation.shown_source(url) == "https://example.com/schema.json"


def test_remove_deletes_it(recorded, root):
    recorded(STORE)
    call_command("startupstream", "store", remove=True)
    assert not (root / "services/store_openapi.json").exists()
