"""The OAuth2 client credentials grant (RFC 6749 §4.4)."""

import asyncio
from time import monotonic

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.fields import OAuth2
from upstreams.core.httpx import Request, Transport
from upstreams.policies.token_endpoint import Token, request_token

TOKEN_EXPIRY_MARGIN = 30
"""Seconds before its expiry from which a token is no longer used."""


class ClientCredentials:
    """Adds a token. One call at a time fetches it.

    Args:
        inner: the transport for the token endpoint.
        oauth2: the client.
        definition: of the upstream.
    """

    def __init__(self, inner: Transport, oauth2: OAuth2, definition: Definition) -> None:
        self._inner = inner
        self._oauth2 = oauth2
        self._definition = definition
        self._token = ""  # not fetched yet # nosec B105
        self._expires = 0.0
        self._refresh = asyncio.Lock()

    async def add(self, request: Request) -> None:
        async with self._refresh:
            if monotonic() >= self._expires:
                self._keep(await self._fetch(Call.of(request)))
            request.headers["Authorization"] = f"Bearer {self._token}"

    async def renew(self, request: Request) -> bool:
        async with self._refresh:
            if request.headers["Authorization"] == f"Bearer {self._token}":
                self._expires = 0.0  # unless another call has fetched one meanwhile
        return True

    async def _fetch(self, call: Call) -> Token:
        scope = {"scope": self._oauth2.scope} if self._oauth2.scope else {}
        data = {"grant_type": "client_credentials", **scope}
        return await request_token(self._inner, self._oauth2, self._definition, call, data)

    def _keep(self, token: Token) -> None:
        self._token = token.access_token.reveal()
        lifetime = max(token.expires_in - TOKEN_EXPIRY_MARGIN, token.expires_in / 2)
        self._expires = monotonic() + lifetime
