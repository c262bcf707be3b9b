"""The connections of the HTTP library, httpcore2 or httpcore, under one name; imported where `TRANSPORT` asks for them."""

from upstreams.core.httpx import HTTPX

if HTTPX:  # pragma: no cover - one of the two is installed
    import httpcore
else:
    import httpcore2 as httpcore

__all__ = ["httpcore"]
