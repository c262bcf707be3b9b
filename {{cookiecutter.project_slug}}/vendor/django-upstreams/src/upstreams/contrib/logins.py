"""Slows down guesses at passwords. django-axes counts the failures in the database, for all workers together.

Needs the extra `logins`, "axes" in INSTALLED_APPS, and `LimitLogins` in AUTHENTICATION_BACKENDS.
"""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from axes.backends import AxesStandaloneBackend
from axes.exceptions import AxesBackendPermissionDenied
from axes.helpers import get_client_ip_address, get_cool_off, get_failure_limit
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from upstreams.asgi.too_many_requests import TooManyRequests

if TYPE_CHECKING:
    from django.contrib.auth.models import User  # ModelBackend's; it has no type for AUTH_USER_MODEL


class LimitLogins(AxesStandaloneBackend, ModelBackend):  # type: ignore[misc] # untyped
    """Django's `ModelBackend`, in whose place it stands, for addresses that have not failed too often.

    After `AXES_FAILURE_LIMIT` failures no password from an address is compared, and that many at once at most:
    comparing one takes a processor some tenths of a second. axes' middleware, which every request would pass, is not
    needed.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> "User | None":
        """Return the user, if the password is theirs.

        Args:
            request: None, as in a test's `client.login`, has no address and no limit.
            username: of the user.
            password: as typed.
            more: credentials of other backends.

        Raises:
            TooManyRequests: a limit is reached. Django goes on after a PermissionDenied, and its form blames the
                password.
        """
        if request is None:
            return ModelBackend.authenticate(self, request, username, password, **more)
        try:
            super().authenticate(request, username, password, **more)
        except AxesBackendPermissionDenied:
            raise _refusal(request) from None
        limit = get_failure_limit(request, {"username": username, **more})
        with _one_of(limit, get_client_ip_address(request)):
            return ModelBackend.authenticate(self, request, username, password, **more)

    async def aauthenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **more: Any,
    ) -> "User | None":
        """Do the same for async code, in a thread."""
        return await sync_to_async(self.authenticate)(request, username, password, **more)


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


_compared: Counter[str | None] = Counter()
"""Logins of this process whose password is being compared: address -> number."""
_lock = threading.Lock()


@contextmanager
def _one_of(limit: int, address: str | None) -> Iterator[None]:
    with _lock:
        if _compared[address] >= limit:
            raise TooManyRequests("too many logins from this address at the same time; try again", 1)
        _compared[address] += 1
    try:
        yield
    finally:
        with _lock:
            _compared[address] -= 1
            if not _compared[address]:
                del _compared[address]  # addresses are made up without end


def _refusal(request: HttpRequest) -> TooManyRequests:
    wait = get_cool_off(request)
    if wait is None:
        return TooManyRequests("too many failed logins from this address; an administrator can unlock it")
    minutes = -(-int(wait.total_seconds()) // 60)
    sentence = f"too many failed logins from this address; try again in {minutes} minutes"
    return TooManyRequests(sentence, wait.total_seconds())
