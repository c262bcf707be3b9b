"""The errors of aiohttp as ours."""

import errno
import ssl
from collections.abc import AsyncIterable, AsyncIterator

import aiohttp

from upstreams.core.call import Call
from upstreams.core.errors import UpstreamConnectionError, UpstreamError, UpstreamProtocolError
from upstreams.transport import connect_errors, hints
from upstreams.transport.connect_errors import failed
from upstreams.transport.pool import Origin
from upstreams.transport.route import Route


class Attempt:
    """One request on its way through aiohttp.

    Args:
        call: that it belongs to.
        origin: that it goes to.
        peer: the origin, or the proxy before it.

    Attributes:
        is_connected: whether it has a connection, so that some of it may have been sent.
        reused: whether that had served another request before.
        error: of the caller's body.
    """

    def __init__(self, call: Call, origin: Origin, peer: Origin) -> None:
        self.call = call
        self.origin = origin
        self.peer = peer
        self.is_connected = self.reused = False
        self.error: Exception | None = None

    async def watched(self, body: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        """Return a body, and keep its error, which aiohttp would replace."""
        try:
            async for chunk in body:
                yield chunk
        except Exception as error:
            self.error = error
            raise


def mapped(error: Exception, attempt: Attempt, route: Route, *, in_body: bool = False) -> Exception:
    """Return the error for a request that failed in aiohttp; its own if it is of the caller's body.

    Args:
        error: of aiohttp.
        attempt: that failed.
        route: to the upstream.
        in_body: whether the head of the response had arrived.
    """
    if attempt.error is not None:
        return attempt.error
    if not attempt.is_connected:
        return _not_connected(error, attempt, route)
    way, call = route.way(attempt.origin), attempt.call
    if isinstance(error, aiohttp.ClientResponseError):
        return _refused(error, way, call)
    if isinstance(error, aiohttp.ClientPayloadError) and not _is_cut(error):
        return _refused(error, way, call)
    if isinstance(error, (aiohttp.ClientError, OSError)):
        return _lost(error, attempt, route, in_body=in_body)
    return error


def _not_connected(error: Exception, attempt: Attempt, route: Route) -> Exception:
    call, peer = attempt.call, attempt.peer
    is_secure = attempt.origin.scheme == "https"
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return route.timed_out(peer, call, is_reached=False)
    if isinstance(error, aiohttp.ClientHttpProxyError):
        fix = "write its credentials in PROXY" if error.status == 407 else "check PROXY and BASE_URL"
        return failed(f"the proxy refused the tunnel with status {error.status}; {fix}", call)
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return route.not_connected(error.certificate_error, attempt.origin, call, is_secure=True)
    if isinstance(error, aiohttp.ClientConnectorError):
        reason = error.os_error
        if isinstance(error, aiohttp.ClientConnectorDNSError):
            return connect_errors.not_resolved(reason, peer, call, route.key(peer))
        if route.uds is not None:
            return connect_errors.no_unix_socket(reason, route.uds, call)
        of_proxy = isinstance(error, aiohttp.ClientProxyConnectionError)
        at = peer if of_proxy else attempt.origin
        of_tls = isinstance(reason, ssl.SSLError) or (is_secure and isinstance(reason, ConnectionResetError))
        return route.not_connected(reason, at, call, is_secure=of_tls)
    if isinstance(error, (aiohttp.ClientConnectionError, OSError)):
        if route.proxy is not None:
            return failed("the proxy closed the connection; check PROXY", call)
        return route.not_connected(error, peer, call, is_secure=is_secure)
    if isinstance(error, aiohttp.ClientResponseError):
        what = f"the response of the proxy, {route.way(attempt.origin)}, is refused: it is not HTTP/1.1; check PROXY"
        return UpstreamProtocolError(what, call=call)
    return error  # of the request itself


def _refused(error: Exception, way: str, call: Call) -> UpstreamError:
    cause = str(getattr(error, "message", "") or error)
    data = b"\0\0\0\4     " if "\\x00\\x00" in cause else b"\x15\x03" if "\\x15\\x03" in cause else b""
    what = f"the response of {way} is refused: it is not HTTP/1.1{hints.not_http(data)}"
    return UpstreamProtocolError(what, call=call)


def _is_cut(error: aiohttp.ClientPayloadError) -> bool:
    """Return whether a body has ended too early, and not in a way that cannot be read."""
    return "not completed" in str(error) or "not enough data" in str(error).lower()


def _lost(error: Exception, attempt: Attempt, route: Route, *, in_body: bool) -> UpstreamConnectionError:
    way, call = route.way(attempt.origin), attempt.call
    is_reset = "ConnectionReset" in repr(error) or isinstance(error.__cause__, ConnectionResetError)
    verb = "reset" if is_reset or getattr(error, "errno", None) == errno.ECONNRESET else "lost"
    if in_body:
        what = f"the connection to {way} was {verb} in the body"
        return UpstreamConnectionError(what, call=call, phase="receive", reused=attempt.reused)
    kind = "reused" if attempt.reused else "new"
    what = f"the connection, {kind}, to {way} was {verb} before any response"
    if not attempt.reused:
        cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
        is_secure = attempt.origin.scheme == "https"
        what += hints.lost(cause, is_secure=is_secure, has_certificate=route.files[1] is not None)
    return UpstreamConnectionError(what, call=call, phase="send", reused=attempt.reused)
