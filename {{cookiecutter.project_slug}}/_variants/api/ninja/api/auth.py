"""Who asks: a program says so by its token, `Authorization: Bearer …`."""

from typing import Any

from django.http import HttpRequest
from ninja.security import HttpBearer

from users import tokens
from users.models import User


class Bearer(HttpBearer):
    """Lets an operation answer only those who have a token; others get a 401.

    The operation finds its owner in `request.user` and `await request.auser()`.
    """

    def __call__(self, request: HttpRequest) -> Any:
        # Ninja's own would log the header of another scheme with DEBUG.
        scheme, _, token = request.headers.get(self.header, "").partition(" ")
        return self.authenticate(request, token) if scheme.lower() == self.openapi_scheme else None

    # Async, because ninja takes a sync one through a thread.
    async def authenticate(self, request: HttpRequest, token: str) -> User | None:
        user = await tokens.owner(token.strip())
        if user is not None:

            async def auser() -> User:
                return user

            request.user, request.auser = user, auser
        return user
