"""Cross-origin requests: lets pages of other origins read the responses of the API."""

from collections.abc import Sequence

from upstreams.core.asgi_types import App

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
REQUEST_HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID")
EXPOSED_HEADERS = ("Retry-After", "X-Request-ID")
"""Response headers that a page may read."""


def allow_origins(app: App, origins: Sequence[str]) -> App:
    """Return the application, open to pages of these origins without their users' cookies.

    Args:
        app: the application.
        origins: as browsers send them, `https://app.example.com`; `*` means all. None of them: no layer is added.
    """
    if not origins:
        return app
    from starlette.middleware.cors import CORSMiddleware  # it takes memory

    return CORSMiddleware(
        app,
        allow_origins=origins,
        allow_methods=METHODS,
        allow_headers=REQUEST_HEADERS,
        expose_headers=EXPOSED_HEADERS,
    )
