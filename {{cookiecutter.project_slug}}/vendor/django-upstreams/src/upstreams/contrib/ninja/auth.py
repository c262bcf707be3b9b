"""Authenticates clients of a django-ninja operation by `Authorization: Bearer <token>`."""

from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest
from ninja.security import HttpBearer

from upstreams.contrib.tokens.auth import authenticate, bearer_key


class Bearer(HttpBearer):
    """Requires a valid token; responds with a 401 without one.

    The operation finds the token's owner in `request.user` and `await request.auser()`.
    """

    def __call__(self, request: HttpRequest) -> Any:
        # Ninja's own logs the whole header under DEBUG if it has another scheme.
        key = bearer_key(request)
        return None if key is None else self.authenticate(request, key)

    # Async, because ninja calls a sync one in a thread.
    async def authenticate(self, request: HttpRequest, token: str) -> AbstractBaseUser | None:
        return await authenticate(request, token)
