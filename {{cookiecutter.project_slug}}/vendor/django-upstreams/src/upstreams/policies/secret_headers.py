"""Credentials that are headers: `BEARER`, `BASIC`, and headers whose value may change."""

import base64
import unicodedata
from collections.abc import Mapping

from upstreams.core.call import Call
from upstreams.core.fields import Auth
from upstreams.core.httpx import Request
from upstreams.core.secrets import Secret
from upstreams.policies.secret_functions import refresh

SENT = "secret_headers"
"""The extension of a request that has these headers as they were added to it last."""


class SecretHeaders:
    """Adds headers.

    Args:
        auth: with `BEARER` or `BASIC`, if anything.
        headers: others whose value may change; a call may have one of its own.
    """

    def __init__(self, auth: Auth | None, headers: Mapping[str, Secret]) -> None:
        self._auth = auth
        self._headers = headers

    async def add(self, request: Request) -> None:
        await self._refresh(request)
        values = self._values(request)
        request.headers.update(values)
        request.extensions[SENT] = values

    async def renew(self, request: Request) -> bool:
        await self._refresh(request, again=True)
        sent: dict[str, str] = request.extensions[SENT]
        return self._values(request) != sent

    async def _refresh(self, request: Request, *, again: bool = False) -> None:
        call = Call.of(request)
        for name, secret in self._headers.items():
            await refresh(secret, call, f"the header {name}", again=again)
        if self._auth is not None:
            for part in (self._auth.bearer, *(self._auth.basic or ())):
                if part is not None:
                    await refresh(part, call, "AUTH", again=again)

    def _values(self, request: Request) -> dict[str, str]:
        sent = request.extensions.get(SENT, {})
        values = {
            name: secret.reveal()
            for name, secret in self._headers.items()
            if name in sent or name not in request.headers
        }
        if self._auth is not None and (value := authorization(self._auth)):
            values["authorization"] = value
        return values


def authorization(auth: Auth) -> str:
    """Return the header for `BEARER` or `BASIC`; for any other kind, nothing."""
    if auth.bearer is not None:
        return f"Bearer {auth.bearer.reveal()}"
    return basic(*(part.reveal() for part in auth.basic)) if auth.basic is not None else ""


def basic(user: str, password: str) -> str:
    """Return the header for a user and a password."""
    # UTF-8 is the only charset that a server can ask for (RFC 7617 §2.1), which also asks for this normal form.
    pair = unicodedata.normalize("NFC", f"{user}:{password}").encode()
    return f"Basic {base64.b64encode(pair).decode()}"
