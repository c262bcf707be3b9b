"""Writes the module of an upstream from its OpenAPI schema, for `manage.py startupstream NAME --openapi`."""
