"""TLS contexts and name look-ups, shared by all upstreams."""

import asyncio
import functools
import socket
import ssl
import threading
from concurrent.futures import Future
from pathlib import Path
from time import monotonic
from typing import Any

AddrInfo = tuple[Any, Any, int, str, Any]
"""As `getaddrinfo` gives them."""
FRESH = 10.0
"""Seconds for which a name is not looked up again."""
BUNDLES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")


@functools.cache
def tls(ca: str | None = None, cert: str | tuple[str, str] | None = None) -> ssl.SSLContext:
    """A context per pair of files, shared: building one costs about 23 ms of CPU and 0.8 MB.

    Args:
        ca: a file of certificates to trust; without it those of the system, whatever `SSL_CERT_FILE` says.
        cert: our own certificate, with its key in the same file or in the second one.

    Raises:
        OSError: a file is missing, or is none of these.
    """
    paths = ssl.get_default_verify_paths()
    system = (paths.openssl_cafile, *BUNDLES)
    context = ssl.create_default_context(cafile=ca or next(filter(_exists, system), None))
    context.set_alpn_protocols(["http/1.1"])
    if cert:
        context.load_cert_chain(*((cert,) if isinstance(cert, str) else cert))
    return context


def _exists(file: str) -> bool:
    return Path(file).is_file()


class Resolver:
    """Looks names up in a thread each: the loop's own are few and shared, and ten that hang starve all.

    A name is looked up by one caller at a time, and its addresses are kept for a while. So there are no
    more threads than upstreams.
    """

    def __init__(self) -> None:
        self._found: dict[tuple[str, int], _LookUp] = {}

    async def resolve(self, host: str, port: int) -> list[AddrInfo]:
        """The addresses of a host, each time beginning with another one.

        Raises:
            OSError: it has none.
        """
        if (numeric := _numeric(host, port)) is not None:
            return [numeric]
        found = self._found.get((host, port))
        if found is None or found.is_over:
            found = self._found[host, port] = _LookUp(host, port)
        addresses = await asyncio.wrap_future(found.addresses)
        found.turn += 1
        turn = found.turn % len(addresses)
        return addresses[turn:] + addresses[:turn]


class _LookUp:
    def __init__(self, host: str, port: int) -> None:
        self.turn = -1
        self.addresses: Future[list[AddrInfo]] = Future()
        self.addresses.set_running_or_notify_cancel()  # a caller that gives up must not disturb the others
        self._host = host
        self._port = port
        self._until = 0.0
        threading.Thread(target=self._run, name=f"resolve {host}", daemon=True).start()

    @property
    def is_over(self) -> bool:
        return self.addresses.done() and monotonic() >= self._until

    def _run(self) -> None:
        try:
            found = socket.getaddrinfo(self._host, self._port, socket.AF_UNSPEC, socket.SOCK_STREAM)
            if not found:
                raise OSError("no address")
        except (OSError, UnicodeError) as error:
            self.addresses.set_exception(OSError(str(error)))
        else:
            self._until = monotonic() + FRESH
            self.addresses.set_result(found)


def _numeric(host: str, port: int) -> AddrInfo | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.inet_pton(family, host)
    except OSError:
        return None
    return (family, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host, port))
