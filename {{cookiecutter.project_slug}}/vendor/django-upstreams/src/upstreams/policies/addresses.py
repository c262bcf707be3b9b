"""Refuses addresses that tenants have named, where the transport cannot check them."""

from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UnsafeRequest
from upstreams.core.fields import EVERY_PROXY
from upstreams.core.httpx import Transport
from upstreams.policies.base import policies_of

CHECKS_ADDRESSES = "checks_addresses"
"""The attribute of a transport that is true if it connects calls that are foreign to addresses that they may have."""


def require_checks(client: Transport, call: Call, definition: Definition) -> None:
    """Raise an UnsafeRequest for a foreign call over a transport that does not check addresses."""
    if not call.is_foreign or EVERY_PROXY in definition.tenant_networks:
        return
    *_, transport = policies_of(client)
    if not getattr(transport, CHECKS_ADDRESSES, False):
        what = (
            "a tenant's base_url needs the transport of this package, which checks its address; "
            'where private addresses are refused elsewhere, set TENANT_NETWORKS to ["*"]'
        )
        raise UnsafeRequest(what, call=call)
