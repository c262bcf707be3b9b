"""Which addresses a tenant's URL may lead to: public ones, and those of `TENANT_NETWORKS`."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from upstreams.core.fields import EVERY_PROXY
from upstreams.transport.network import AddrInfo

GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052: how hosts with IPv6 alone reach IPv4, whose addresses are the last 32 bits."""
REFUSED = tuple(
    map(
        ip_network,
        (
            "168.63.129.16",  # Azure's services for its own machines, at a public address
            "192.88.99.0/24",  # relays of 6to4
            "2001::/32",  # Teredo: a way to any IPv4 address
            "2002::/16",  # 6to4: another one
            "3fff::/20",  # for documentation (RFC 9637), which older versions of Python do not know
        ),
    )
)
"""Beside those that Python knows not to be global."""


class AllowedAddresses:
    """Selects the addresses that a tenant's URL may lead to.

    Args:
        networks: of `TENANT_NETWORKS`.

    Attributes:
        has_any: whether they are all.
    """

    def __init__(self, networks: Iterable[str]) -> None:
        self.has_any = EVERY_PROXY in networks
        self._networks = [ip_network(name) for name in networks if name != EVERY_PROXY]

    def select(self, addresses: Iterable[AddrInfo]) -> list[AddrInfo]:
        """Return those that may be connected to."""
        return [one for one in addresses if self.has_any or self._is_allowed(one[4][0])]

    def _is_allowed(self, text: str) -> bool:
        address = ip_address(text)
        if isinstance(address, IPv6Address):
            if address.ipv4_mapped is not None:
                address = address.ipv4_mapped
            elif address in NAT64:
                address = IPv4Address(int(address) & 0xFFFFFFFF)
        return is_public(address) or any(address in network for network in self._networks)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Return whether an address belongs to one host of the public internet."""
    if any(address in network for network in REFUSED):
        return False
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return False
    return address.is_global and not address.is_multicast  # of which is_global is true
