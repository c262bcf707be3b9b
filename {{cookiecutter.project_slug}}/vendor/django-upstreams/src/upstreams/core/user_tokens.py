"""The tokens of a user at an upstream, by OAuth2, which the application stores."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class OAuth2Token:
    """What the token endpoint has given for a user; no representation shows the tokens.

    Args:
        access_token: sent with the calls.
        refresh_token: gets the next one.
        expires_at: when the access token ends, with a time zone; None if the endpoint did not say.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            raise ValueError("OAuth2Token: expires_at needs a time zone, as timezone.now() has")


class UserToken:
    """The credential of one user: `quotes.using(auth=UserToken(…))`. It is cheap: make one for each request.

    The client that refreshes it is that of `AUTH`. One process at a time does, by a lock in `CACHES["default"]`.

    Args:
        key: the user at this upstream, such as the id of the account; the same in all processes.
        load: returns the token that is stored. A sync function runs in a thread of its own, outside of transactions.
        save: stores a new one, before any other process may refresh it.
    """

    def __init__(
        self,
        key: str,
        *,
        load: Callable[[], OAuth2Token | Awaitable[OAuth2Token]],
        save: Callable[[OAuth2Token], object],
    ) -> None:
        if not isinstance(key, str) or not key:
            raise ValueError("UserToken: key must be text that names the user, such as str(account.pk)")
        self.key = key
        self.load = load
        self.save = save

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key!r})"

    @property
    def identity(self) -> object:
        """What no other user has, for a digest."""
        return "user", self.key
