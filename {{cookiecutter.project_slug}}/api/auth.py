"""Who asks: a program says so by its token, `Authorization: Bearer …`."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from users import tokens
from users.models import User

type View[**P] = Callable[Concatenate[HttpRequest, P], Coroutine[Any, Any, HttpResponseBase]]


def token_required[**P](view: View[P]) -> View[P]:
    """Lets an async view answer only those who have a token; others get a 401.

    The view finds its owner in `request.user` and `await request.auser()`.
    """

    @wraps(view)
    async def checked(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        scheme, _, key = request.headers.get("Authorization", "").partition(" ")
        user = await tokens.owner(key.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})

        async def auser() -> User:
            return user

        request.user, request.auser = user, auser
        return await view(request, *args, **kwargs)

    return checked
