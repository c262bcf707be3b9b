"""The address and the credentials of one tenant at an upstream."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.utils.crypto import salted_hmac
from msgspec import UNSET

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
        own: what is its own of these, the address, the credentials and the headers: what its key is made of.
    """

    base_url: str
    is_foreign: bool
    sent_headers: Headers
    auth: Any
    changing: Mapping[str, Secret]
    own: tuple[str | None, object, Mapping[str, object]]
    _key: str = ""

    @property
    def key(self) -> str:
        """A digest of the address and the credentials, which no two tenants share; the same in all processes.

        It is keyed by `SECRET_KEY`: a cache that others can read shows no digest of a password.
        """
        if not self._key:
            base_url, auth, headers = self.own
            lines = [(name, _identity(value)) for name, value in sorted(headers.items())]
            identity = repr((base_url, _identity(auth), lines))
            self._key = salted_hmac("upstreams.tenant", identity, algorithm="sha256").hexdigest()
        return self._key

    def __repr__(self) -> str:
        return f"{type(self).__name__}({urlsplit(self.base_url).netloc!r})"


def _identity(value: Any) -> object:
    if isinstance(value, msgspec.Struct):
        return type(value).__name__, [_identity(one) for one in msgspec.structs.astuple(value)]
    if isinstance(value, tuple):
        return [_identity(one) for one in value]
    if value is None or value is UNSET or isinstance(value, str):
        return str(value) if value is UNSET else value
    identity = getattr(value, "identity", None)
    # Not id(): that of an object which is gone may be another one's.
    return secrets.token_hex() if identity is None else identity
