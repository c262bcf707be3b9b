"""Adds the credentials of this service to requests."""

import asyncio
import base64
import unicodedata
from collections.abc import Mapping
from time import monotonic
from typing import Annotated
from urllib.parse import quote_plus

from msgspec import Meta, Struct

from upstreams.core.bodies import can_be_sent_again
from upstreams.core.call import Call
from upstreams.core.errors import UpstreamDecodeError, UpstreamStatusError
from upstreams.core.fields import Auth, OAuth2
from upstreams.core.httpx import Request, Response, Transport
from upstreams.core.secrets import Secret
from upstreams.core.validation import ValidationError, decode_json
from upstreams.policies.base import Policy

TOKEN_EXPIRY_MARGIN = 30
"""Seconds before its expiry from which a token is no longer used."""


class Token(Struct):
    """The response of a token endpoint (RFC 6749 §5.1)."""

    access_token: Secret
    expires_in: Annotated[float, Meta(gt=0)] = 3600


class Authentication(Policy):
    """Adds `Authorization`. One call at a time fetches an OAuth2 token; a 401 fetches a new one.

    Args:
        inner: the next transport.
        auth: the credentials.
        headers: other headers whose value is in a file.
    """

    def __init__(self, inner: Transport, auth: Auth | None, headers: Mapping[str, Secret]) -> None:
        super().__init__(inner)
        self._auth = auth
        self._headers = headers
        self._oauth2 = auth.oauth2 if auth is not None else None
        self._fixed = _authorization(auth) if auth is not None and not _may_change(auth) else ""
        self._token = ""  # not fetched yet # nosec B105
        self._expires = 0.0
        self._refresh = asyncio.Lock()

    async def handle_async_request(self, request: Request) -> Response:
        for name, secret in self._headers.items():
            if name not in request.headers:  # a call may have one of its own
                request.headers[name] = secret.reveal()
        if self._oauth2 is None:
            if self._auth is not None:
                request.headers["Authorization"] = self._fixed or _authorization(self._auth)
            return await self._inner.handle_async_request(request)
        call = Call.of(request)
        token = await self._current(self._oauth2, call, refused="")
        response = await self._send(request, token)
        # A token may be revoked before it expires. A request that got a 401 did nothing: it is safe to repeat.
        if response.status_code == 401 and can_be_sent_again(request):
            await response.aclose()
            response = await self._send(request, await self._current(self._oauth2, call, refused=token))
        return response

    async def _send(self, request: Request, token: str) -> Response:
        request.headers["Authorization"] = f"Bearer {token}"
        return await self._inner.handle_async_request(request)

    async def _current(self, oauth2: OAuth2, call: Call, refused: str) -> str:
        async with self._refresh:
            if monotonic() >= self._expires or self._token == refused:
                token = await self._fetch(oauth2, call)
                self._token = token.access_token.reveal()
                lifetime = max(token.expires_in - TOKEN_EXPIRY_MARGIN, token.expires_in / 2)
                self._expires = monotonic() + lifetime
            return self._token

    async def _fetch(self, oauth2: OAuth2, call: Call) -> Token:
        token_call = Call(call.alias, "POST", "(token)", call.attempts)
        token_call.began = call.began
        try:
            return await self._request_token(oauth2, token_call)
        except BaseException:
            call.attempts = token_call.attempts  # the request itself was not sent
            raise

    async def _request_token(self, oauth2: OAuth2, token_call: Call) -> Token:
        data = {"grant_type": "client_credentials"} | ({"scope": oauth2.scope} if oauth2.scope else {})
        # Form-encoded first (RFC 6749 §2.3.1): a colon, a percent sign or a plus would be read as another one.
        pair = map(quote_plus, (oauth2.client_id, oauth2.client_secret.reveal()))
        headers = {"Authorization": _basic(*pair)}
        request = Request(
            "POST", oauth2.token_url, data=data, headers=headers, extensions={"call": token_call}
        )
        response = await self._inner.handle_async_request(request)
        if response.status_code != 200:
            what = f"the token endpoint responded with status {response.status_code}; check AUTH"
            raise UpstreamStatusError(what, call=token_call, response=response)
        try:
            token: Token = decode_json(response.content, Token)
        except ValidationError:
            what = "the token endpoint sent no access_token; check TOKEN_URL"
            raise UpstreamDecodeError(what, call=token_call) from None
        return token


def _may_change(auth: Auth) -> bool:
    """Return whether a credential comes from a file."""
    return any(one.may_change for one in (auth.bearer, *(auth.basic or ())) if one is not None)


def _authorization(auth: Auth) -> str:
    """Return the header for `BEARER` or `BASIC`; for `OAUTH2`, nothing."""
    if auth.bearer is not None:
        return f"Bearer {auth.bearer.reveal()}"
    return _basic(*(part.reveal() for part in auth.basic)) if auth.basic is not None else ""


def _basic(user: str, password: str) -> str:
    # UTF-8 is the only charset that a server can ask for (RFC 7617 §2.1), which also asks for this normal form.
    pair = unicodedata.normalize("NFC", f"{user}:{password}").encode()
    return f"Basic {base64.b64encode(pair).decode()}"
