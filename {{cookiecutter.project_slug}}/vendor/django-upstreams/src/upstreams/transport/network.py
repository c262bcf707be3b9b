"""TLS contexts and name look-ups."""

import asyncio
import errno
import logging
import socket
import ssl
import threading
from concurrent.futures import Future
from math import inf
from pathlib import Path
from time import monotonic
from typing import Any

logger = logging.getLogger(__name__)

AddrInfo = tuple[Any, Any, int, str, Any]
"""One result of `getaddrinfo`."""
DNS_CACHE_TIMEOUT = 10.0
"""Seconds for which the addresses of a name are kept, unless a connection fails."""
MAX_NAMES = 100
"""Names whose addresses, or whose look-ups, one upstream keeps."""
_contexts: dict[Any, tuple[tuple[int, ...], ssl.SSLContext]] = {}
"""Files -> when they were replaced, and their context."""
CA_BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


def tls(
    ca: str | None = None,
    cert: str | tuple[str, str] | None = None,
    protocols: tuple[str, ...] = ("http/1.1",),
) -> ssl.SSLContext:
    """Return the context of these files, shared by all upstreams: each costs 23 ms of CPU and 0.8 MB.

    A connection that opens after a file was replaced uses the new one; if that is invalid, the last valid one.

    Args:
        ca: a file of certificates to trust; None trusts those of the system, whatever `SSL_CERT_FILE` says.
        cert: a client certificate, with its key in the same file or in the second one.
        protocols: that are offered by ALPN.

    Raises:
        OSError: a file is missing or invalid.
    """
    files = [file for file in (ca, *((cert,) if isinstance(cert, str) else cert or ())) if file]
    stamp = tuple(map(_modified, files))
    last = _contexts.get((ca, cert, protocols))
    if last is not None and last[0] == stamp:
        return last[1]
    try:
        context = _context(ca, cert)
        context.set_alpn_protocols(list(protocols))
    except OSError:
        if last is None:
            raise
        logger.warning("%s cannot be read; the last certificates are still used", ", ".join(files))
        context = last[1]
    _contexts[ca, cert, protocols] = stamp, context
    return context


def has_ended(transport: asyncio.BaseTransport) -> bool:
    """Return whether the peer itself has ended a stream of which all is read: under TLS, anybody can end the TCP below.

    A TLS peer ends it by a `close_notify` (RFC 9112 §9.8).
    """
    encrypted: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    try:
        return encrypted is None or not encrypted.read(1)
    except ssl.SSLError as error:  # otherwise it would need more
        return isinstance(error, ssl.SSLZeroReturnError)


def _context(ca: str | None, cert: str | tuple[str, str] | None) -> ssl.SSLContext:
    paths = ssl.get_default_verify_paths()
    system = (paths.openssl_cafile, *CA_BUNDLES)
    context = ssl.create_default_context(cafile=ca or next(filter(_exists, system), None))
    if cert:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    return context


def _modified(file: str) -> int:
    """Return when a file was replaced; 0 if it is missing."""
    try:
        return Path(file).stat().st_mtime_ns
    except OSError:
        return 0


def _exists(file: str) -> bool:
    return Path(file).is_file()


class Resolver:
    """Looks up names, each in a thread of its own.

    The event loop's executor has few threads, shared by all upstreams: ten look-ups that hang would block everyone.
    Callers share the look-up of a name and its addresses, so that there are no more threads than names.
    """

    def __init__(self) -> None:
        self._lookups: dict[tuple[str, int], _LookUp] = {}

    async def resolve(self, host: str, port: int) -> list[AddrInfo]:
        """Return the addresses of a host, each time starting with the next one.

        Raises:
            OSError: the name does not resolve.
        """
        if (numeric := _numeric(host, port)) is not None:
            return [numeric]
        lookup = self._lookups.get((host, port))
        if lookup is None or lookup.is_expired:
            if len(self._lookups) >= MAX_NAMES:
                self._forget_expired()
            lookup = self._lookups[host, port] = _LookUp(host, port)
        addresses = await asyncio.wrap_future(lookup.addresses)
        lookup.turn += 1
        first = lookup.turn % len(addresses)
        return addresses[first:] + addresses[:first]

    def _forget_expired(self) -> None:
        """Make room for another name: only tenants have so many.

        Raises:
            OSError: too many look-ups hang, each with a thread.
        """
        ended = [key for key, lookup in self._lookups.items() if lookup.addresses.done()]
        for key in [key for key in ended if self._lookups[key].is_expired] or ended[: len(ended) // 2 + 1]:
            del self._lookups[key]
        if len(self._lookups) >= MAX_NAMES:
            raise OSError(errno.EAGAIN, f"{MAX_NAMES} look-ups of names have not ended")

    def is_looking_up(self, host: str, port: int) -> bool:
        """Return whether a look-up of a host has not ended."""
        lookup = self._lookups.get((host, port))
        return lookup is not None and not lookup.addresses.done()

    def expire(self, host: str, port: int, before: float = inf) -> None:
        """Forget the addresses of a host, which may have moved, if its look-up began before that time."""
        lookup = self._lookups.get((host, port))
        # A look-up that hangs is kept: otherwise, each caller that waits in vain would add a thread.
        if lookup is not None and lookup.addresses.done() and lookup.began < before:
            del self._lookups[host, port]


class _LookUp:
    def __init__(self, host: str, port: int) -> None:
        self.turn = -1
        self.began = monotonic()
        self.addresses: Future[list[AddrInfo]] = Future()
        self.addresses.set_running_or_notify_cancel()  # so that a cancelled caller does not cancel the others
        self._host = host
        self._port = port
        self._expires = 0.0
        threading.Thread(target=self._run, name=f"resolve {host}", daemon=True).start()

    @property
    def is_expired(self) -> bool:
        return self.addresses.done() and monotonic() >= self._expires

    def _run(self) -> None:
        try:
            found = socket.getaddrinfo(self._host, self._port, socket.AF_UNSPEC, socket.SOCK_STREAM)
            if not found:
                raise OSError("no address")
        except (OSError, UnicodeError) as error:
            # Without its traceback: it is raised in every caller.
            number, reason = (
                (error.errno, error.strerror) if isinstance(error, OSError) else (None, str(error))
            )
            self.addresses.set_exception(OSError(number, reason or str(error)))
        else:
            self._expires = monotonic() + DNS_CACHE_TIMEOUT
            self.addresses.set_result(found)


def _numeric(host: str, port: int) -> AddrInfo | None:
    """Return an IP address as `getaddrinfo` would, without a look-up."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except OSError:
        return None
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))
