"""Schemas in our own words, each with what is odd in somebody's."""

from typing import Any

TEXT = {"type": "string"}
PET = {
    "type": "object",
    "description": "An animal of the store.",
    "required": ["id", "name"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "name": {"type": "string", "description": "as its owner calls it"},
        "bornOn": {"type": "string", "format": "date"},
        "soldAt": {"type": "string", "format": "date-time", "nullable": True},
        "status": {"type": "string", "enum": ["available", "sold"], "default": "available"},
        "class": {"type": "string"},
        "parents": {"type": "array", "items": {"$ref": "#/components/schemas/Pet"}},
    },
}


def json_of(schema: Any) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


def ok(schema: Any, **others: Any) -> dict[str, Any]:
    return {"200": {"description": "fine", **json_of(schema)}, **others}


def document(paths: dict[str, Any], schemas: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """Return a schema with these paths and components."""
    return {
        "openapi": "3.0.3",
        "info": {"title": "Store", "version": "1"},
        "servers": [{"url": "https://store.example.com/v1"}],
        "paths": paths,
        "components": {"schemas": schemas or {}},
        **more,
    }


def one(responses: Any, method: str = "get", path: str = "/thing", **operation: Any) -> dict[str, Any]:
    """Return the paths with one operation, `thing`."""
    return {path: {method: {"operationId": "thing", "responses": responses, **operation}}}


def returning(schema: Any, schemas: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return a schema with one operation, which responds with JSON."""
    return document(one(ok(schema)), schemas)


def query(name: str, schema: Any = TEXT, **more: Any) -> dict[str, Any]:
    return {"in": "query", "name": name, "schema": schema, **more}


STORE = document(
    {
        "/pets": {
            "get": {
                "operationId": "listPets",
                "summary": "Return all pets",
                "parameters": [
                    query("limit", {"type": "integer"}, description="at most"),
                    query("status", PET["properties"]["status"]),
                ],
                "responses": ok({"type": "array", "items": {"$ref": "#/components/schemas/Pet"}}),
            },
            "post": {
                "operationId": "addPet",
                "requestBody": {"required": True, **json_of({"$ref": "#/components/schemas/Pet"})},
                "responses": {"201": json_of({"$ref": "#/components/schemas/Pet"})},
            },
        },
        "/pets/{petId}": {
            "parameters": [{"in": "path", "name": "petId", "required": True, "schema": {"type": "integer"}}],
            "get": {
                "operationId": "getPet",
                "description": "Return one pet.",
                "responses": ok(
                    {"$ref": "#/components/schemas/Pet"}, **{"404": {"description": "There is no such pet"}}
                ),
            },
            "delete": {"responses": {"204": {"description": "gone"}}},
        },
    },
    {"Pet": PET, "Unused": {"type": "object", "properties": {"a": TEXT}}},
    security=[{"key": []}],
)
STORE["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
