"""The HTTP library, under one name. The only module that imports it."""

from importlib.util import find_spec

HTTPX = find_spec("httpx2") is None  # httpx and httpx2 have the same API

if HTTPX:
    import httpx
else:
    import httpx2 as httpx

Request = httpx.Request
Response = httpx.Response
Transport = httpx.AsyncBaseTransport

__all__ = ["Request", "Response", "Transport", "httpx"]
