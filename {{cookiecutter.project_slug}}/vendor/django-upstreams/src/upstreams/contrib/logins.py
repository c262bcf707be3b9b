"""Slows down guesses at passwords. django-axes counts the failures in the database, for all workers together.

Needs the extra `logins`, "axes" in INSTALLED_APPS, and `LimitLogins` as the first of AUTHENTICATION_BACKENDS.
"""

from ipaddress import IPv6Address, ip_address
from typing import Any

from asgiref.sync import sync_to_async
from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.helpers import get_cool_off
from django.http import HttpRequest

from upstreams.asgi.too_many_requests import TooManyRequests


class LimitLogins(AxesStandaloneBackend):  # type: ignore[misc] # untyped
    """Refuses logins from an address with `AXES_FAILURE_LIMIT` failures, before a password is compared.

    It logs nobody in: that is what the backends behind it do. axes' middleware, which every request would pass, is
    not needed.
    """

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Do nothing, unless the address of the request is locked out.

        Args:
            request: None, as in a test's `client.login`, has no address and no limit.
            credentials: not compared here.

        Raises:
            TooManyRequests: it is. Django goes on after a PermissionDenied, and its form blames the password.
        """
        if request is None:
            return
        try:
            super().authenticate(request, **credentials)
        except AxesBackendPermissionDenied:
            raise _refusal(request) from None

    async def aauthenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        """Do the same for async code; axes' own class cannot."""
        await sync_to_async(self.authenticate)(request, **credentials)


def client_address(request: HttpRequest) -> str | None:
    """Return what axes counts by: the client's address, and of IPv6 the /64 in which one customer can choose.

    It is that of `UPSTREAMS_FORWARDED_ALLOW_IPS`. A Unix socket has none.
    """
    try:
        address = ip_address(request.META.get("REMOTE_ADDR", ""))
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64)
    return str(address)


def _refusal(request: HttpRequest) -> TooManyRequests:
    wait = get_cool_off(request)
    if wait is None:
        return TooManyRequests("too many failed logins from this address; an administrator can unlock it")
    minutes = -(-int(wait.total_seconds()) // 60)
    sentence = f"too many failed logins from this address; try again in {minutes} minutes"
    return TooManyRequests(sentence, wait.total_seconds())
