"""Adds the access token of a user; one call at a time refreshes it, in all processes (RFC 6749 §6)."""

import asyncio
import logging
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from math import inf
from time import monotonic
from typing import NamedTuple

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamCredentialsError, UpstreamTimeout
from upstreams.core.fields import OAuth2
from upstreams.core.httpx import Request, Transport
from upstreams.core.user_tokens import OAuth2Token, UserToken
from upstreams.policies import functions
from upstreams.policies.refresh_lock import RefreshLock
from upstreams.policies.token_endpoint import request_token

logger = logging.getLogger(__name__)

MAX_USERS = 1000
"""Users whose token one upstream keeps in memory; others are loaded for each call."""
EXPIRY_MARGIN = timedelta(seconds=30)
"""Before its expiry, from which an access token is no longer used."""
SAVE_DELAYS = (0.1, 1.0)
"""Seconds before a token that could not be saved is saved again."""
SHORTEST_LIFETIME = 10.0
"""Seconds after a refresh within which a 401 does not lead to another one."""


class Known(NamedTuple):
    """A token in memory.

    Attributes:
        refreshed: when this process got it from the token endpoint, in `time.monotonic()` seconds.
    """

    token: OAuth2Token
    refreshed: float


class Users:
    """The tokens of the users of one upstream.

    Args:
        inner: the transport for the token endpoint.
        oauth2: the client.
        definition: of the upstream.
    """

    def __init__(self, inner: Transport, oauth2: OAuth2, definition: Definition) -> None:
        self._inner = inner
        self._oauth2 = oauth2
        self._definition = definition
        self._known: OrderedDict[str, Known] = OrderedDict()
        self._refreshing: dict[str, asyncio.Task[OAuth2Token]] = {}

    async def current(self, user: UserToken, call: Call) -> OAuth2Token:
        """Return a token that has not expired."""
        known = self._known.get(user.key)
        if known is None:
            token = await self._load(user, call)
            self._remember(user, token)
        else:
            token = known.token
        return await self.refreshed(user, call, token.access_token) if _has_expired(token) else token

    async def refreshed(self, user: UserToken, call: Call, refused: str) -> OAuth2Token:
        """Return another token than the one that is refused."""
        task = self._refreshing.get(user.key)
        if task is None:
            known = self._known.get(user.key)
            if known is not None and not _has_expired(known.token):
                is_fresh = (
                    monotonic() < known.refreshed + SHORTEST_LIFETIME
                )  # another one would be refused, too
                if is_fresh or known.token.access_token != refused:
                    return known.token
            task = self._refreshing[user.key] = asyncio.create_task(self._refresh(user, call, refused))
            task.add_done_callback(lambda task: self._done(user.key, task))
        # The new token is saved, whatever becomes of the call: the old one may be worth nothing any more.
        return await asyncio.shield(task)

    async def _refresh(self, user: UserToken, call: Call, refused: str) -> OAuth2Token:
        seconds = self._definition.timeout
        lock = RefreshLock(call.alias, user.key, seconds)
        try:
            async with asyncio.timeout(seconds):
                while True:
                    token = await self._load(user, call)
                    if token.access_token != refused and not _has_expired(token):
                        break  # another process was faster
                    if await lock.acquire():
                        # Loaded again: the last one to hold the lock has saved before it released it.
                        token = await self._load(user, call)
                        break
                    await lock.wait()
                is_new = token.access_token == refused or _has_expired(token)
                if is_new:
                    token = await self._request(token, call)
        except TimeoutError:
            what = f"the token of a user was not refreshed within TIMEOUT, {seconds:.3g} s"
            raise UpstreamTimeout(what, call=call) from None
        else:
            self._remember(user, token, refreshed=monotonic() if is_new else -inf)
            if is_new:
                await self._save(user, call, token)
            return token
        finally:
            await lock.release()

    async def _request(self, token: OAuth2Token, call: Call) -> OAuth2Token:
        data = {"grant_type": "refresh_token", "refresh_token": token.refresh_token}
        new = await request_token(self._inner, self._oauth2, self._definition, call, data)
        return OAuth2Token(
            new.access_token.reveal(),
            new.refresh_token.reveal() if new.refresh_token is not None else token.refresh_token,
            datetime.now(UTC) + timedelta(seconds=min(new.expires_in, 1e9)),
        )

    async def _load(self, user: UserToken, call: Call) -> OAuth2Token:
        try:
            token = await functions.call(user.load)
            if not isinstance(token, OAuth2Token):
                raise TypeError("load must return an OAuth2Token")
        except Exception as error:
            what = f"auth: load of the UserToken raised {type(error).__name__}; see its cause"
            raise UpstreamCredentialsError(what, call=call) from error
        return token

    async def _save(self, user: UserToken, call: Call, token: OAuth2Token) -> None:
        for delay in (*SAVE_DELAYS, None):
            try:
                await functions.call(user.save, token)
            except Exception:
                if delay is None:
                    message = (
                        "upstream %s: the new token of user %s could not be saved; only this process has it"
                    )
                    logger.exception(message, call.alias, user.key)
                    return
                await asyncio.sleep(delay)
            else:
                return

    def _remember(self, user: UserToken, token: OAuth2Token, refreshed: float = -inf) -> None:
        self._known[user.key] = Known(token, refreshed)
        self._known.move_to_end(user.key)
        if len(self._known) > MAX_USERS:
            self._known.popitem(last=False)

    def _done(self, key: str, task: "asyncio.Task[OAuth2Token]") -> None:
        del self._refreshing[key]
        if not task.cancelled():
            task.exception()  # raised in the calls that wait for it, if there are any left

    async def aclose(self) -> None:
        """Wait for tokens that are being refreshed."""
        await asyncio.gather(*self._refreshing.values(), return_exceptions=True)


class UserCredentials:
    """Adds the access token of one user.

    Args:
        users: of the upstream.
        user: on whose behalf the call is made.
    """

    def __init__(self, users: Users, user: UserToken) -> None:
        self._users = users
        self._user = user

    async def add(self, request: Request) -> None:
        token = await self._users.current(self._user, Call.of(request))
        request.headers["Authorization"] = _bearer(token)

    async def renew(self, request: Request) -> bool:
        sent = request.headers["Authorization"]
        token = await self._users.refreshed(self._user, Call.of(request), sent.removeprefix("Bearer "))
        return _bearer(token) != sent


def _bearer(token: OAuth2Token) -> str:
    return f"Bearer {token.access_token}"


def _has_expired(token: OAuth2Token) -> bool:
    return token.expires_at is not None and datetime.now(UTC) >= token.expires_at - EXPIRY_MARGIN
