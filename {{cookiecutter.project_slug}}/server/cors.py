"""Lets pages of other origins use the API: browsers keep its answers from them unless it says so."""

from collections.abc import Sequence

from server.types import App

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-ID")
TOLD = ("Retry-After", "X-Request-ID")
"""Headers of an answer that a page may read."""


def shared(app: App, origins: Sequence[str]) -> App:
    """The app for pages of these origins, without their users' cookies; the app as it is, if there are none.

    Args:
        app: what answers the requests.
        origins: as browsers send them, `https://app.example.com`; `*` is all.
    """
    if not origins:
        return app
    from starlette.middleware.cors import CORSMiddleware  # it takes memory

    return CORSMiddleware(
        app, allow_origins=origins, allow_methods=METHODS, allow_headers=HEADERS, expose_headers=TOLD
    )
