"""Typed bodies, queries, responses, pages and an index for plain async views."""

from upstreams.contrib.json_api.bodies import json_response, parse_body, parse_query
from upstreams.contrib.json_api.pages import get_page
from upstreams.contrib.json_api.routes import index

__all__ = ["get_page", "index", "json_response", "parse_body", "parse_query"]
