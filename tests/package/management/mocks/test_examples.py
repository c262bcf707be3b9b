"""A mock responds with the examples of a schema, or with what the schema allows."""

import json

import pytest
from testproject.paths import PACKAGE
from upstreams.management.mocks.examples import Examples
from upstreams.management.mocks.mock import Mock
from upstreams.management.mocks.reply import Asked

OF_TEMPLATE = PACKAGE.parents[1] / "services" / "quotes_openapi.json"
SCHEMA = {
    "openapi": "3.1.0",
    "info": {"title": "Shop", "version": "1"},
    "paths": {
        "/items/{item}": {
            "get": {
                "responses": {
                    "404": {"description": "none", "content": {"application/json": {"example": {"no": 1}}}},
                    "200": {"$ref": "#/components/responses/Item"},
                }
            },
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
        "/made": {
            "get": {
                "responses": {
                    "201": {
                        "description": "up",
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["id"],
                                    "properties": {"id": {"type": "integer"}},
                                }
                            }
                        },
                    }
                }
            }
        },
        "/text": {
            "get": {
                "responses": {"200": {"description": "t", "content": {"text/plain": {"example": "a\nb"}}}}
            }
        },
        "/word": {
            "get": {
                "responses": {
                    "200": {"description": "w", "content": {"application/hal+json": {"example": "a"}}}
                }
            }
        },
        "/there": {"head": {"responses": {"204": {"description": "it is"}}}},
        "/fails": {"get": {"responses": {"500": {"description": "always"}}}},
    },
    "components": {
        "responses": {
            "Item": {
                "description": "one",
                "content": {
                    "application/json": {
                        "examples": {"a": {"value": {"n": 1}}, "b": {"$ref": "#/components/examples/Two"}}
                    }
                },
            }
        },
        "examples": {"Two": {"value": {"n": 2}}},
    },
}


@pytest.fixture
def examples(tmp_path):
    file = tmp_path / "shop_openapi.json"
    file.write_text(json.dumps(SCHEMA))
    return Examples("shop", file, tmp_path)


def reply(examples, *asked):
    found = examples.reply(Asked(*asked))
    return found.status, dict(found.headers).get("content-type"), b"".join(found.chunks)


def test_examples_of_the_first_success_take_turns(examples):
    seen = [reply(examples, "GET", f"items/{number}")[2] for number in range(3)]
    assert seen == [b'{"n": 1}', b'{"n": 2}', b'{"n": 1}']
    assert examples.reply(Asked("GET", "items/1")).origin == "from shop_openapi.json"


def test_a_value_is_made_up_where_there_is_no_example(examples):
    status, kind, body = reply(examples, "GET", "made")
    assert (status, kind, type(json.loads(body)["id"])) == (201, "application/json", int)


def test_text_is_sent_as_it_is_and_json_as_json(examples):
    assert reply(examples, "GET", "text") == (200, "text/plain", b"a\nb")
    assert reply(examples, "GET", "word") == (200, "application/hal+json", b'"a"')


def test_a_response_may_have_no_body(examples):
    assert reply(examples, "DELETE", "items/7") == (204, None, b"")


def test_what_has_no_success_says_so(examples):
    status, _, body = reply(examples, "GET", "fails")
    assert (status, json.loads(body)["detail"]) == (
        501,
        "GET /fails has no success in shop_openapi.json, but 500",
    )


def test_a_request_that_does_not_fit_is_logged_and_gets_its_response(examples, caplog):
    asked = Asked("GET", "items/1", "itm=2")
    assert examples.reply(asked).status == 200
    assert caplog.messages == [
        "shop: GET /items/1?itm=2 does not fit the schema: the query has itm, which is not in the schema"
    ]
    caplog.clear()
    assert examples.reply(Asked("GET", "items/1")).status == 200
    assert not caplog.messages


def test_head_is_its_own_operation_or_get(examples):
    mock = Mock("shop", "http://127.0.0.1:1", [examples], "")
    found = [mock.reply(Asked("HEAD", path)).status for path in ("there", "items/1", "none")]
    assert found == [204, 200, 501]


def test_a_link_may_begin_with_the_path_of_the_real_upstream(examples):
    mock = Mock("shop", "http://127.0.0.1:1", [examples], "", base="/v1")
    paths = ("v1/items/1", "items/1", "v2/items/1", "v1")
    assert [mock.reply(Asked("GET", path)).status for path in paths] == [200, 200, 501, 501]


def test_what_the_schema_does_not_have_is_left_to_others(examples):
    assert examples.reply(Asked("POST", "items/7")) is None
    assert "DELETE /items/{item}" in examples.paths()


def test_a_schema_that_cannot_be_read_is_named_and_left_out(tmp_path, caplog):
    file = tmp_path / "shop_openapi.json"
    file.write_text("{")
    examples = Examples("shop", file, tmp_path)
    assert (examples.reply(Asked("GET", "")), examples.paths()) == (None, [])
    assert "shop: shop_openapi.json: " in caplog.text


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        (("GET", "random"), "application/json"),
        (("GET", "authors/A%2FB"), "application/json"),
        (("POST", "likes"), "application/json"),
        (("GET", "export"), "application/x-ndjson"),
    ],
)
def test_the_example_upstream_of_the_template_has_a_response_for_each_call(asked, kind):
    found = Examples("quotes", OF_TEMPLATE, OF_TEMPLATE.parents[1])
    status, sent, body = reply(found, *asked)
    assert (status, sent) == (200, kind)
    assert [json.loads(line) for line in body.splitlines()]
