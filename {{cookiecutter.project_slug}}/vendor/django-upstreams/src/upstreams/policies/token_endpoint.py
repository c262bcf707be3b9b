"""Asks the token endpoint of OAuth2 for a token."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote_plus

from msgspec import Meta, Struct

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamDecodeError, UpstreamSignInRequired, UpstreamStatusError
from upstreams.core.fields import OAuth2
from upstreams.core.httpx import Request, Response, Transport, httpx
from upstreams.core.secrets import Secret
from upstreams.core.url_fields import origin, origin_of_settings
from upstreams.core.validation import ValidationError, decode_json
from upstreams.policies.addresses import require_checks
from upstreams.policies.secret_functions import refresh
from upstreams.policies.secret_headers import basic


class Refusal(Struct):
    """An error of a token endpoint (RFC 6749 §5.2)."""

    error: str = ""


class Token(Struct):
    """The response of a token endpoint (RFC 6749 §5.1)."""

    access_token: Secret
    refresh_token: Secret | None = None
    expires_in: Annotated[float, Meta(gt=0)] = 3600


async def request_token(
    inner: Transport, oauth2: OAuth2, definition: Definition, call: Call, data: Mapping[str, str]
) -> Token:
    """Return a token.

    Args:
        inner: the transport.
        oauth2: the client.
        definition: of the upstream.
        call: that needs the token.
        data: the fields of the grant.

    Raises:
        UpstreamError: the token endpoint gives none.
    """
    token_call = Call(call.alias, "POST", "(token)", call.attempts)
    token_call.began = call.began
    token_call.is_foreign = call.tenant is not None and _is_foreign(oauth2, definition)
    try:
        require_checks(inner, token_call, definition)
        return await _request(inner, oauth2, token_call, data)
    except BaseException:
        call.attempts = token_call.attempts  # the request itself was not sent
        raise


async def _request(inner: Transport, oauth2: OAuth2, token_call: Call, data: Mapping[str, str]) -> Token:
    await refresh(oauth2.client_secret, token_call, "CLIENT_SECRET")
    # Form-encoded first (RFC 6749 §2.3.1): a colon, a percent sign or a plus would be read as another one.
    pair = map(quote_plus, (oauth2.client_id, oauth2.client_secret.reveal()))
    headers = {"Authorization": basic(*pair)}
    request = Request("POST", oauth2.token_url, data=data, headers=headers, extensions={"call": token_call})
    response = await inner.handle_async_request(request)
    if _is_refused_for_good(response, data):
        what = "the token endpoint refuses the refresh token of the user; have the user sign in again"
        raise UpstreamSignInRequired(what, call=token_call, response=response)
    if response.status_code != 200:
        what = f"the token endpoint responded with status {response.status_code}; check AUTH"
        raise UpstreamStatusError(what, call=token_call, response=response)
    try:
        token: Token = decode_json(response.content, Token)
    except ValidationError:
        what = "the token endpoint sent no access_token; check TOKEN_URL"
        raise UpstreamDecodeError(what, call=token_call) from None
    return token


def _is_refused_for_good(response: Response, data: Mapping[str, str]) -> bool:
    if response.status_code not in (400, 401, 403) or data["grant_type"] != "refresh_token":
        return False
    try:
        refusal: Refusal = decode_json(response.content, Refusal)
    except ValidationError:
        return False
    return refusal.error == "invalid_grant"


def _is_foreign(oauth2: OAuth2, definition: Definition) -> bool:
    """Return whether a tenant, and not the settings, has named a token endpoint."""
    known = {origin_of_settings(definition.base_url)}
    if definition.auth is not None and definition.auth.oauth2 is not None:
        known.add(origin_of_settings(definition.auth.oauth2.token_url))
    return origin(httpx.URL(oauth2.token_url)) not in known
