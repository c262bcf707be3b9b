"""Puts this service's credentials into requests."""

import asyncio
import base64
from time import monotonic
from typing import Annotated

from msgspec import Meta, Struct

from services.core.errors import BrokenAnswer, Call, RefusedAnswer
from services.core.http import Request, Response, Transport, httpx
from services.core.policies.layer import Layer
from services.core.typed import Mismatch, decoded
from services.core.values import Auth, OAuth2, Secret

MARGIN = 30  # seconds before its end from which a token is not used any more


class Token(Struct):
    """What a token endpoint answers (RFC 6749 §5.1)."""

    access_token: Secret
    expires_in: Annotated[float, Meta(gt=0)] = 3600


class Authorize(Layer):
    """Adds `Authorization`. An OAuth2 token is fetched by one call at a time, and anew after a 401.

    Args:
        inner: the next transport.
        auth: the credentials.
    """

    def __init__(self, inner: Transport, auth: Auth) -> None:
        super().__init__(inner)
        self._oauth2 = auth.oauth2
        self._fixed = ""
        if auth.bearer:
            self._fixed = f"Bearer {auth.bearer.reveal()}"
        elif auth.basic:
            self._fixed = _basic(*auth.basic)
        self._token = ""  # none yet # nosec B105
        self._end = 0.0
        self._refresh = asyncio.Lock()

    async def handle_async_request(self, request: Request) -> Response:
        if self._oauth2 is None:
            request.headers["Authorization"] = self._fixed
            return await self._inner.handle_async_request(request)
        call = Call.of(request)
        token = await self._current(self._oauth2, call, refused="")
        response = await self._send(request, token)
        # Refused: revoked before its time, perhaps. Nothing was done, so the same may be sent again.
        if response.status_code == 401 and isinstance(request.stream, httpx.ByteStream):
            await response.aclose()
            response = await self._send(request, await self._current(self._oauth2, call, refused=token))
        return response

    async def _send(self, request: Request, token: str) -> Response:
        request.headers["Authorization"] = f"Bearer {token}"
        return await self._inner.handle_async_request(request)

    async def _current(self, oauth2: OAuth2, call: Call, refused: str) -> str:
        async with self._refresh:
            if monotonic() >= self._end or self._token == refused:
                token = await self._fetch(oauth2, call)
                self._token = token.access_token.reveal()
                self._end = monotonic() + max(token.expires_in - MARGIN, token.expires_in / 2)
            return self._token

    async def _fetch(self, oauth2: OAuth2, call: Call) -> Token:
        token_call = Call(call.alias, "POST", "(token)")
        data = {"grant_type": "client_credentials"} | ({"scope": oauth2.scope} if oauth2.scope else {})
        headers = {"Authorization": _basic(oauth2.client_id, oauth2.client_secret)}
        request = Request(
            "POST", oauth2.token_url, data=data, headers=headers, extensions={"call": token_call}
        )
        response = await self._inner.handle_async_request(request)
        if response.status_code != 200:
            what = f"the token endpoint answered {response.status_code}"
            raise RefusedAnswer(what, call=token_call, response=response)
        try:
            token: Token = decoded(response.content, Token)
        except Mismatch:
            raise BrokenAnswer("the token endpoint sent no token", call=token_call) from None
        return token


def _basic(user: str, password: Secret) -> str:
    pair = f"{user}:{password.reveal()}".encode()
    return f"Basic {base64.b64encode(pair).decode()}"
