"""Schemas that are odd, each as somebody's was."""

from management.openapi.schemas import TEXT, document, json_of, ok, one, query, returning

CAT = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"enum": ["cat"]}, "purrs": {"type": "boolean"}},
}
DOG = {
    "type": "object",
    "required": ["kind"],
    "properties": {"kind": {"const": "dog"}, "barks": {"type": "boolean"}},
}
FISH = {"type": "object", "properties": {"fins": {"type": "integer"}}}
BIRD = {"type": "object", "properties": {"wings": {"type": "integer"}}}
REFS = {
    name: {"$ref": f"#/components/schemas/{name}"}
    for name in ("Cat", "Dog", "Fish", "Bird", "Node", "Either")
}
ANIMALS = {"Cat": CAT, "Dog": DOG, "Fish": FISH, "Bird": BIRD}

SCHEMAS = {
    "tagged": returning({"oneOf": [REFS["Cat"], REFS["Dog"]]}, ANIMALS),
    "tagged_by_number": returning(
        {
            "oneOf": [
                {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer", "enum": [number]}}}
                for number in (0, 1)
            ]
        }
    ),
    "items_without_a_type": returning({"type": "object", "properties": {"a": {"items": [TEXT]}, "b": {"items": TEXT}}}),
    "only_a_tag": returning(
        {
            "oneOf": [
                {"type": "object", "required": ["is"], "properties": {"is": {"enum": [value]}}} for value in ("a", "b")
            ]
        }
    ),
    "same_tags": returning({"oneOf": [REFS["Cat"], REFS["Bird"]]}, {"Cat": CAT, "Bird": CAT}),
    "class_or_dict": returning({"oneOf": [REFS["Fish"], {"type": "object"}]}, ANIMALS),
    "nullable_list": returning({"anyOf": [{"type": "array", "items": REFS["Fish"]}, {"type": "null"}]}, ANIMALS),
    "two_kinds": returning(
        {
            "anyOf": [
                {"type": "array", "items": REFS["Fish"]},
                {"type": "object", "additionalProperties": {"type": "array", "items": TEXT}},
            ]
        },
        ANIMALS,
    ),
    "pages": document(
        one({"200": {**json_of({"type": "array", "items": FISH}), "headers": {"link": {}}}}, parameters=[query("a")])
    ),
    "untagged": returning({"oneOf": [REFS["Fish"], REFS["Bird"]]}, ANIMALS),
    "field_of_untagged": returning(
        {"type": "object", "properties": {"pet": {"anyOf": [REFS["Fish"], REFS["Bird"], {"type": "null"}]}}}, ANIMALS
    ),
    "mapped": returning(
        {
            "oneOf": [REFS["Fish"], REFS["Bird"]],
            "discriminator": {"propertyName": "is", "mapping": {"f": "#/components/schemas/Fish", "b": "Bird"}},
        },
        ANIMALS,
    ),
    "two_unions": returning(
        {
            "type": "object",
            "properties": {
                "a": {"oneOf": [REFS["Cat"], REFS["Dog"]]},
                "b": {"oneOf": [REFS["Cat"], REFS["Dog"]], "discriminator": {"propertyName": "other"}},
            },
        },
        ANIMALS,
    ),
    "texts": returning({"anyOf": [TEXT, {**TEXT, "format": "date-time"}, {**TEXT, "enum": ["a"]}]}),
    "lists": returning({"anyOf": [{"type": "array", "items": TEXT}, {"type": "array", "items": {"type": "integer"}}]}),
    "recursive": returning(
        REFS["Node"],
        {"Node": {"type": "object", "properties": {"next": REFS["Node"], "all": {"type": "array", "items": REFS["Node"]}}}},
    ),
    "endless": returning(REFS["Node"], {"Node": {"oneOf": [TEXT, {"type": "array", "items": REFS["Node"]}]}}),
    "nullable_types": {
        **returning(
            {
                "type": ["object", "null"],
                "required": ["a"],
                "properties": {"a": {"type": ["string", "null"]}, "b": {"type": ["integer", "string"]}},
            }
        ),
        "openapi": "3.1.0",
    },
    "all_of": returning(
        {"allOf": [REFS["Fish"], {"required": ["name"], "properties": {"name": TEXT}}, {"description": "Both."}]},
        ANIMALS,
    ),
    "only_all_of": returning({"type": "object", "properties": {"f": {"allOf": [REFS["Fish"]], "default": {}}}}, ANIMALS),
    "names": returning(
        {
            "type": "object",
            "properties": dict.fromkeys(
                ["field", "class", "None", "str", "list", "a-b", "a.b", "a b", "2fa", "+1", "-1", "", "ü", "__class__", "@id", "dt", "l", "cast", "a\nb", 'a"b', "a\\b", "a\ud800"],
                TEXT,
            ),
        }
    ),
    "no_types": returning({"type": "object", "properties": {"a": {"type": []}, "b": {"oneOf": []}, "c": {"enum": []}}}),
    "class_names": returning(
        {"type": "object", "properties": {"a": {"$ref": "#/components/schemas/Struct"}, "b": {"$ref": "#/components/schemas/list"}}},
        {"Struct": FISH, "list": BIRD},
    ),
    "methods": document(
        {
            f"/{number}": {"get": {"operationId": name, "responses": {"204": {}}}}
            for number, name in enumerate(["get", "list", "class", "stream", "alias", "get", "a/b", "", "__init__", "pages"])
        }
    ),
    "arguments": document(
        one(
            ok(TEXT),
            path="/{self}/{into}/{a-b}/x",
            parameters=[
                query("params"),
                query("a_b"),
                query("type"),
                {"in": "header", "name": "a_b", "schema": TEXT},
                {"in": "header", "name": "X-Trace", "schema": {"type": "integer"}},
                {"in": "header", "name": "Idempotency-Key", "schema": TEXT},
                {"in": "cookie", "name": "session", "schema": TEXT},
                query("filter", {"type": "object"}, style="deepObject"),
                query("since", {**TEXT, "format": "date-time"}, required=True),
                query("ids", {"type": "array", "items": {"type": "integer"}}, explode=False),
            ],
        )
    ),
    "bodies": document(
        {
            "/form": {"post": {"operationId": "form", "responses": ok(True), "requestBody": {"content": {
                "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"a": {"type": "object", "properties": {"b": TEXT}}}}}
            }}}},
            "/files": {"post": {"operationId": "files", "responses": ok({}), "requestBody": {"content": {
                "multipart/form-data": {"schema": {"type": "object", "required": ["file"], "properties": {"file": {**TEXT, "format": "binary"}, "meta": {"type": "object"}, "name": TEXT}}}
            }}}},
            "/raw": {"put": {"operationId": "raw", "responses": {"202": {}}, "requestBody": {"required": True, "content": {"image/png": {}}}}},
            "/patch": {"patch": {"operationId": "patch", "responses": {"200": json_of(FISH), "204": {}}, "requestBody": {"content": {"application/merge-patch+json": {"schema": FISH}}}}},
            "/lines": {"get": {"operationId": "lines", "responses": {"200": {"content": {"application/x-ndjson": {"schema": FISH}}}}}},
            "/events": {"get": {"operationId": "events", "responses": {"200": {"content": {"text/event-stream": {}}}}}},
            "/both": {"post": {"operationId": "both", "responses": {"200": {"content": {"application/json": {"schema": FISH}, "text/event-stream": {}}}}}},
            "/image": {"get": {"operationId": "image", "responses": {"200": {"content": {"image/png": {"schema": {**TEXT, "format": "binary"}}}}}}},
            "/csv": {"get": {"operationId": "csv", "responses": {"200": {"content": {"text/csv": {}}}}}},
            "/head": {"head": {"operationId": "head", "responses": {"200": {}}}},
        }
    ),
    "fixed_query": document({"/a?beta=true": {"get": {"operationId": "a", "responses": ok(FISH)}}, "/a#b": {"get": {"operationId": "b", "responses": ok(FISH)}}}),
    "wrong_types": document(
        {
            "/a": {
                "get": {
                    "operationId": 7,
                    "summary": ["no"],
                    "parameters": {"in": "query"},
                    "responses": {"200": {"content": {"application/json": {"schema": {"type": "object", "properties": {"a": 7, "b": None, "c": {"type": 7, "enum": 3}}, "required": "a"}}}}},
                    "security": "none",
                    "requestBody": [],
                },
                "post": "no",
            },
            "x-more": 3,
        }
    ),
    "words": returning(
        {
            "type": "object",
            "description": 'Ends with a quote "',
            "properties": {
                "a": {"description": "a backslash at the end \\", "type": "string"},
                "b": {"description": "| a | table |\n|---|---|\n| b | c |", "type": "string"},
                "c": {"description": "<b>bold</b> [link](https://a.test) ```code``` " + "word " * 100, "type": "string"},
                "d": {"description": "\u202eback\u0000\ud800", "type": "string", "default": "\u202e\ud800"},
                "password": {"type": "string", "default": "hunter2"},
                "e": {"type": "number", "default": 1},
                "f": {"type": "integer", "default": True},
            },
        }
    ),
}  # fmt: skip
