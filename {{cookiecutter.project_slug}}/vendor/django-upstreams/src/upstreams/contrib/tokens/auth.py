"""Authenticates clients of an async view by `Authorization: Bearer <token>`."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate

from django.contrib.auth.models import AbstractBaseUser
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from upstreams.contrib.tokens import tokens

type View[**P] = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def token_required[**P](view: View[P]) -> View[P]:
    """Decorate an async view that requires a valid token; respond with a 401 without one.

    The view finds the token's owner in `request.user` and `await request.auser()`.
    """

    @wraps(view)
    async def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        key = bearer_key(request)
        if key is None or await authenticate(request, key) is None:
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
        return await view(request, *args, **kwargs)

    return checked


def bearer_key(request: HttpRequest) -> str | None:
    """Return the key that the request sends, or None if it sends none or uses another scheme."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


async def authenticate(request: HttpRequest, key: str) -> AbstractBaseUser | None:
    """Make the owner of a key the user of the request and return it, or return None if the key is not valid."""
    user = await tokens.owner(key)
    if user is not None:

        async def auser() -> AbstractBaseUser:
            return user

        request.user, request.auser = user, auser  # type: ignore[assignment]
    return user
