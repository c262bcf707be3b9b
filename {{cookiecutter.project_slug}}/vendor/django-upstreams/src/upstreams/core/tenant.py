"""The address and the credentials of one tenant at an upstream."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from upstreams.core.httpx import Headers
from upstreams.core.secrets import Secret


@dataclass(slots=True, eq=False, repr=False)
class Tenant:
    """What calls have of a tenant, completed by the settings of this moment.

    Args:
        base_url: that its calls go to.
        is_foreign: whether that is another origin than `BASE_URL`: credentials of the upstream stay away from it.
        sent_headers: that its requests start with.
        auth: its credentials, an `Auth` or None.
        changing: its headers whose value may change.
        make_key: returns its key.
    """

    base_url: str
    is_foreign: bool
    sent_headers: Headers
    auth: Any
    changing: Mapping[str, Secret]
    make_key: Callable[[], str]

    @property
    def key(self) -> str:
        """A digest of the address and the credentials, which no two tenants share; the same in all processes."""
        return self.make_key()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({urlsplit(self.base_url).netloc!r})"
