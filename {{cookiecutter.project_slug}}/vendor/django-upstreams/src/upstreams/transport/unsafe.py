"""The errors of a tenant's address that must not be connected to. They name its host alone: the rest is internal."""

from upstreams.core.call import Call
from upstreams.core.errors import UnsafeRequest
from upstreams.transport.pool import Origin


def not_public(origin: Origin, call: Call) -> UnsafeRequest:
    """Return the error of a host that has no address which a tenant may name."""
    what = f"{origin.host} has no public address; a tenant's base_url must lead to one, or to TENANT_NETWORKS"
    return UnsafeRequest(what, call=call)


def looked_up_elsewhere(key: str, host: str, call: Call) -> UnsafeRequest:
    """Return the error of a host whose address is looked up where this service does not see it.

    Args:
        key: of the upstream, which names what looks it up.
        host: that a tenant has named.
        call: to that host.
    """
    what = (
        f"with {key}, the address of {host}, a tenant's, is looked up unseen by this service; "
        'where private addresses are refused there, set TENANT_NETWORKS to ["*"]'
    )
    return UnsafeRequest(what, call=call)
