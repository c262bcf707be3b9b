"""TLS contexts and name look-ups, shared by all upstreams."""

import asyncio
import functools
import socket
import ssl
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from aiohttp.abc import AbstractResolver, ResolveResult

NUMERIC = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
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


class Resolver(AbstractResolver):
    """Looks names up in a thread each: aiohttp's own shares the loop's few, and ten that hang starve all.

    aiohttp asks once at a time for one name, so there are no more threads than upstreams.
    """

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found: Future[list[Any]] = Future()
        found.set_running_or_notify_cancel()  # a caller that gives up must not disturb the thread

        def look_up() -> None:
            try:
                found.set_result(socket.getaddrinfo(host, port, family, socket.SOCK_STREAM))
            except (OSError, UnicodeError) as error:
                found.set_exception(OSError(str(error)))

        threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
        return [
            ResolveResult(
                hostname=host, host=address[0], port=address[1], family=family, proto=protocol, flags=NUMERIC
            )
            for family, _, protocol, _, address in await asyncio.wrap_future(found)
        ]

    async def close(self) -> None:
        """Nothing is kept."""
