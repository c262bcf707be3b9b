"""Schemas with one operation, `GET /thing`."""

import pytest
from upstreams.management.schemas.recorded import RecordedSchema

from management.openapi.conftest import own_registry, unformatted, write
from management.openapi.schemas import document, ok, one

__all__ = ["own_registry", "unformatted", "write"]


@pytest.fixture
def thing():
    """Return the operation of a schema of which the response is JSON of this schema."""

    def make(schema, schemas=None, version="3.0.3"):
        described = document(one(ok(schema)), schemas, openapi=version)
        return RecordedSchema(described, "store_openapi.json").operation("GET", "thing")

    return make


@pytest.fixture
def refused(thing):
    """Return what is wrong with a response of a schema; empty if nothing is."""

    def check(schema, value, schemas=None, version="3.0.3"):
        return thing(schema, schemas, version).response_problem(200, JSON, value)

    return check


JSON = {"content-type": "application/json"}
