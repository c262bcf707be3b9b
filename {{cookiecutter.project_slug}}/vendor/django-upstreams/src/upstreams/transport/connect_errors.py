"""The errors of connections that cannot be opened; each names the address and the reason."""

import ssl

from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamCertificateError, UpstreamConnectionError
from upstreams.transport import hints
from upstreams.transport.pool import Origin


def timed_out(
    timeout: float, where: str, call: Call, *, unresolved: str | None, may_lack_tls: bool
) -> UpstreamConnectionError:
    """Return the error of a connection that took longer than `CONNECT_TIMEOUT`.

    Args:
        timeout: in seconds.
        where: the address.
        call: that needs the connection.
        unresolved: the name whose look-up did not end, if there is one.
        may_lack_tls: whether the TLS handshake did not end.
    """
    limit = Limit("CONNECT_TIMEOUT", timeout)
    fix = "check that the host is up, or raise CONNECT_TIMEOUT"
    if may_lack_tls:  # a peer that does not understand TLS may wait for more
        fix = f"the TLS handshake did not end: if it does not speak TLS, {hints.WRITE_HTTP}"
    what = f"no connection to {where} within {limit}; {fix}"
    if unresolved is not None:
        what = f"no address of the name {unresolved} within {limit}; check the DNS here"
    return UpstreamConnectionError(what, call=call, phase="connect", limit=limit)


def not_resolved(error: OSError, origin: Origin, call: Call, key: str) -> UpstreamConnectionError:
    """Return the error of a name without an address; the key of the upstream names it."""
    return failed(f"the name {origin.host} {hints.not_resolved(error, key)}", call)


def not_connected(
    error: Exception, where: str, call: Call, key: str, *, is_secure: bool = False
) -> UpstreamConnectionError:
    """Return the error of an address without a connection, or of TLS if that was being set up."""
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"the certificate of {where} is not valid: {hints.certificate(error)}"
        return UpstreamCertificateError(what, call=call, phase="connect")
    return failed(f"cannot connect to {where}{hints.not_connected(error, key, is_secure=is_secure)}", call)


def no_unix_socket(error: OSError, path: str, call: Call) -> UpstreamConnectionError:
    """Return the error of a Unix socket that cannot be connected to."""
    return failed(f"cannot connect to the socket {path}{hints.no_unix_socket(error)}", call)


def failed(what: str, call: Call) -> UpstreamConnectionError:
    """Return the error of a call of which nothing was sent."""
    return UpstreamConnectionError(what, call=call, phase="connect")


def address(origin: Origin) -> str:
    """Return `host:port`."""
    return f"[{origin.host}]:{origin.port}" if ":" in origin.host else f"{origin.host}:{origin.port}"
