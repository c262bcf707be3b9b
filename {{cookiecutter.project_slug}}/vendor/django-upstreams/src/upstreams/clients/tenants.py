"""The calls of an upstream on behalf of a tenant."""

from collections.abc import Mapping
from copy import copy
from typing import Any, Self

from msgspec import UNSET

from upstreams.core.using import Using


class TenantCalls:
    """The part of `Upstream` that binds it to a tenant."""

    alias: str
    _tenant: Using | None = None

    def using(
        self,
        *,
        base_url: str = UNSET,  # type: ignore[assignment]
        auth: Any = UNSET,
        headers: Mapping[str, Any] = UNSET,  # type: ignore[assignment]
    ) -> Self:
        """Return a copy whose calls are those of one tenant. It is cheap: make one for each request, or keep it.

        The policies, their limits and the metrics are those of the alias. To another origin than that of `BASE_URL`,
        which must have a public address or one of `TENANT_NETWORKS`, no credential of the settings is sent: not `AUTH`,
        not `CERT`, and of `HEADERS` only those that carry none, such as `Accept` and `User-Agent`.

        Args:
            base_url: instead of `BASE_URL`.
            auth: instead of `AUTH`; None sends no credential.
            headers: in addition to `HEADERS`, or instead of those that have the same names.

        Raises:
            UnsafeRequest: one of them is not valid; each may be a tenant's input.
        """
        bound = copy(self)
        bound._tenant = Using(self.alias, self._tenant, base_url, auth, headers)
        return bound
