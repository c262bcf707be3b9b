"""Refuses connections from tests to other machines."""

import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.conf import settings

from upstreams import conf
from upstreams.core.url_fields import LOOPBACK

CONNECTS = ("socket.connect", "socket.sendto", "socket.sendmsg")
LOOKS_UP = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")

_refusing: list[Callable[[str], object]] = []
_hosts: list[str] = []
"""Names that may be looked up, in threads of the event loop, while an upstream is recorded."""
_is_let_through: ContextVar[bool] = ContextVar("is_let_through", default=False)


@contextmanager
def refuse_network(on_refusal: Callable[[str], object] = lambda host: None) -> Iterator[None]:
    """Refuse connections and DNS lookups beyond this machine, the databases and `UPSTREAMS_TEST_HOSTS`.

    Args:
        on_refusal: called with the host before the `OSError` is raised, which the code under test may catch.
    """
    _add_hook()
    _refusing.append(on_refusal)
    try:
        yield
    finally:
        _refusing.remove(on_refusal)


@contextmanager
def let_through(*hosts: str) -> Iterator[None]:
    """Allow what runs in this context to connect to any address, and everything to look up these names."""
    token = _is_let_through.set(True)
    _hosts.extend(hosts)
    try:
        yield
    finally:
        for host in hosts:
            _hosts.remove(host)
        _is_let_through.reset(token)


@cache
def _add_hook() -> None:
    sys.addaudithook(_hook)  # Python has no way to remove one


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _refusing:
        return
    if event in CONNECTS and isinstance(args[1], tuple):
        _require_allowed(args[1][0])
    elif event == "socket.getnameinfo":
        _require_allowed(args[0][0])
    elif event in LOOKS_UP:
        _require_allowed(args[0])


def _require_allowed(host: object) -> None:
    if _is_let_through.get():
        return
    name = host.decode() if isinstance(host, bytes) else host
    if not isinstance(name, str) or LOOPBACK.fullmatch(name) or name in _allowed_hosts():
        return
    for on_refusal in _refusing:
        on_refusal(name)
    raise OSError(f"tests may not connect to {name}: mock it, or add it to UPSTREAMS_TEST_HOSTS")


def _allowed_hosts() -> set[str]:
    databases = {database.get("HOST", "") for database in settings.DATABASES.values()}
    return {"", "0.0.0.0", socket.gethostname(), *databases, *_hosts, *conf.current().test_hosts}  # nosec B104
