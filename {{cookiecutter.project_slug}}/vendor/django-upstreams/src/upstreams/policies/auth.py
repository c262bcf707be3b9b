"""Adds the credentials of this service, or of a tenant, to requests."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Protocol

from django.core.exceptions import ImproperlyConfigured

from upstreams.core.bodies import can_be_sent_again
from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.fields import Auth, OAuth2
from upstreams.core.httpx import Request, Response, Transport
from upstreams.core.secrets import Secret
from upstreams.core.user_tokens import UserToken
from upstreams.policies.addresses import require_checks
from upstreams.policies.base import Policy
from upstreams.policies.client_credentials import ClientCredentials
from upstreams.policies.secret_headers import SecretHeaders, authorization
from upstreams.policies.signing import Signing
from upstreams.policies.user_credentials import UserCredentials, Users

MAX_CLIENTS = 1000
"""Clients of OAuth2 whose tokens one upstream keeps; only tenants have more than one."""


class Credentials(Protocol):
    """One kind of credential."""

    async def add(self, request: Request) -> None:
        """Add it to a request, which may have that of an earlier attempt."""

    async def renew(self, request: Request) -> bool:
        """Read it again after a 401; return whether it differs from what was sent."""


class Authentication(Policy):
    """Adds credentials. After a 401 they are read again, and the request is sent once more if they have changed.

    Args:
        inner: the next transport.
        definition: of the upstream.
    """

    def __init__(self, inner: Transport, definition: Definition) -> None:
        super().__init__(inner)
        self._definition = definition
        self._clients: OrderedDict[OAuth2, ClientCredentials] = OrderedDict()
        self._users: Users | None = None
        self._own = self._credentials(definition.auth, definition.headers.changing)
        self._fixed = ""
        if (
            definition.auth is not None
            and not definition.headers.changing
            and not _may_change(definition.auth)
        ):
            self._fixed = authorization(definition.auth)

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        if call.tenant is not None:
            require_checks(self._inner, call, self._definition)
            credentials = self._credentials(call.tenant.auth, call.tenant.changing)
        elif self._fixed:
            request.headers["Authorization"] = self._fixed
            return await self._inner.handle_async_request(request)
        else:
            credentials = self._own
        for one in credentials:
            await one.add(request)
        response = await self._inner.handle_async_request(request)
        # Credentials may be revoked before they expire. A request that got a 401 did nothing: it is safe to repeat.
        if response.status_code != 401 or not can_be_sent_again(request):
            return response
        try:
            if not any([await one.renew(request) for one in credentials]):
                return response
        except BaseException:
            await response.aclose()  # of a stream, which nobody else will close
            raise
        await response.aclose()
        for one in credentials:
            await one.add(request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        if self._users is not None:
            await self._users.aclose()
        await super().aclose()

    def _credentials(
        self, auth: Auth | UserToken | None, changing: Mapping[str, Secret]
    ) -> list[Credentials]:
        found: list[Credentials] = []
        if isinstance(auth, UserToken):
            found.append(UserCredentials(self._of_users(), auth))
            auth = None
        if changing or (auth is not None and (auth.bearer or auth.basic)):
            found.append(SecretHeaders(auth, changing))
        if auth is not None and auth.oauth2 is not None:
            found.append(self._client(auth.oauth2))
        if auth is not None and auth.signer is not None:
            found.append(Signing(auth.signer))  # the last: it sees what the others have added
        return found

    def _of_users(self) -> Users:
        auth = self._definition.auth
        if auth is None or auth.oauth2 is None:
            raise ImproperlyConfigured(
                f'UPSTREAMS["{self._definition.alias}"]["AUTH"]: a UserToken needs a client; write '
                '{"OAUTH2": {"TOKEN_URL": …, "CLIENT_ID": …, "CLIENT_SECRET": …}}'
            )
        if self._users is None:
            self._users = Users(self._inner, auth.oauth2, self._definition)
        return self._users

    def _client(self, oauth2: OAuth2) -> ClientCredentials:
        client = self._clients.get(oauth2)
        if client is None:
            client = self._clients[oauth2] = ClientCredentials(self._inner, oauth2, self._definition)
            if len(self._clients) > MAX_CLIENTS:
                self._clients.popitem(last=False)
        else:
            self._clients.move_to_end(oauth2)
        return client


def _may_change(auth: Auth) -> bool:
    """Return whether a credential comes from a file or a function."""
    return any(one.may_change for one in (auth.bearer, *(auth.basic or ())) if one is not None)
