"""Typed bodies, queries, responses and pages for plain async views."""

from upstreams.contrib.json_api.bodies import json_response, parse_body, parse_query
from upstreams.contrib.json_api.pages import get_page

__all__ = ["get_page", "json_response", "parse_body", "parse_query"]
