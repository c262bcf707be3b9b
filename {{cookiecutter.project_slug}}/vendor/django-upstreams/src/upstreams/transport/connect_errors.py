"""The errors of connections that cannot be opened; each names the address and the reason."""

import ssl

from upstreams.core.call import Call
from upstreams.core.errors import Limit, UpstreamCertificateError, UpstreamConnectionError
from upstreams.transport import hints
from upstreams.transport.pool import Origin


def timed_out(
    timeout: float, peer: Origin, call: Call, *, is_resolved: bool, is_reached: bool
) -> UpstreamConnectionError:
    """Return the error of a connection that took longer than `CONNECT_TIMEOUT`.

    Args:
        timeout: in seconds.
        peer: the upstream or the proxy.
        call: that needs the connection.
        is_resolved: whether the look-up of its name ended.
        is_reached: whether TCP connected.
    """
    limit = Limit("CONNECT_TIMEOUT", timeout)
    fix = "check that the host is up, or raise CONNECT_TIMEOUT"
    if is_reached and peer.scheme == "https":  # a peer that does not understand TLS may wait for more
        fix = f"the TLS handshake did not end: if it does not speak TLS, {hints.WRITE_HTTP}"
    what = f"no connection to {address(peer)} within {limit}; {fix}"
    if not is_resolved:
        what = f"no address of the name {peer.host} within {limit}; check the DNS here"
    return UpstreamConnectionError(what, call=call, phase="connect", limit=limit)


def not_resolved(error: OSError, origin: Origin, call: Call, key: str) -> UpstreamConnectionError:
    """Return the error of a name without an address; the key of the upstream names it."""
    return failed(f"the name {origin.host} {hints.not_resolved(error, key)}", call)


def not_connected(
    error: Exception, origin: Origin, call: Call, key: str, *, is_secure: bool = False
) -> UpstreamConnectionError:
    """Return the error of an address without a connection, or of TLS if that was being set up."""
    where = address(origin)
    if isinstance(error, ssl.SSLCertVerificationError):
        what = f"the certificate of {where} is not valid: {hints.certificate(error)}"
        return UpstreamCertificateError(what, call=call, phase="connect")
    return failed(f"cannot connect to {where}{hints.not_connected(error, key, is_secure=is_secure)}", call)


def failed(what: str, call: Call) -> UpstreamConnectionError:
    """Return the error of a call of which nothing was sent."""
    return UpstreamConnectionError(what, call=call, phase="connect")


def address(origin: Origin) -> str:
    """Return `host:port`."""
    return f"[{origin.host}]:{origin.port}" if ":" in origin.host else f"{origin.host}:{origin.port}"
