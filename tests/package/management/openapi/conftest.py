"""Writes a schema to a file, runs the command, and imports what it has written."""

import json
from importlib import import_module, invalidate_caches

import pytest
from django.core.management import call_command
from upstreams.clients import registry
from upstreams.management.openapi import files
from upstreams.testing import UpstreamMock


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    """Forget the objects of generated modules: they have the alias of the settings' own."""
    monkeypatch.setattr(registry, "upstreams", registry.upstreams.copy())


@pytest.fixture
def any_response(monkeypatch):
    """Let mocks respond with what their schema does not allow, where a test is about how that is read."""
    monkeypatch.setattr(UpstreamMock, "uses_schema", False)


@pytest.fixture
def write(root):
    """Write an upstream from a schema; `quotes` is an alias of the settings."""

    def run(schema, name="quotes", **options):
        text = schema if isinstance(schema, str) else json.dumps(schema)
        (root / "schema.json").write_text(text)
        call_command("startupstream", name, openapi=str(root / "schema.json"), **options)
        return (root / f"services/{name}_schema.py").read_text()

    return run


@pytest.fixture
def load(write):
    """Write an upstream from a schema, and return its module."""

    def run(schema, **options):
        write(schema, **options)
        invalidate_caches()
        return import_module("services.quotes_schema")

    return run


@pytest.fixture
def object_of(load):
    """Write an upstream from a schema, and return its object."""

    def run(schema, **options):
        load(schema, **options)
        return import_module("services.quotes").quotes

    return run


@pytest.fixture
def unformatted(monkeypatch):
    """Start no process for the form of the code, where a test looks at what it does."""
    monkeypatch.setattr(files, "formatted", lambda text: text)
