"""The errors of the HTTP library's connections as ours."""

from upstreams.core.errors import UpstreamConnectionError, UpstreamError, UpstreamProtocolError
from upstreams.core.httpcore import httpcore
from upstreams.transport import hints
from upstreams.transport.connect_errors import address, failed
from upstreams.transport.httpx_attempt import Attempt
from upstreams.transport.route import Route

BELOW = ("h2", "hpack", "hyperframe", "socksio")
"""Packages whose errors the library lets through."""
ENDED = "Server disconnected"
"""How the library's message of a connection begins that has ended without a response."""


def mapped(error: Exception, attempt: Attempt, route: Route, *, in_body: bool = False) -> Exception:
    """Return the error for a request that failed in the library; its own if it is of the caller's body.

    Args:
        error: of the library.
        attempt: that failed.
        route: to the upstream.
        in_body: whether the head of the response had arrived.
    """
    is_known = isinstance(error, (httpcore.NetworkError, httpcore.ProtocolError, httpcore.ProxyError))
    is_below = type(error).__module__.partition(".")[0] in BELOW
    if not attempt.is_sent:
        return _not_sent(error, attempt, route) if is_known or is_below or route.proxy else error
    if isinstance(error, httpcore.LocalProtocolError) and not attempt.is_http2:
        return ValueError(f"the request cannot be sent: {error}")
    if not (is_known or is_below):
        return error
    way = route.way(attempt.origin)
    why = error.args[0] if error.args else None
    code = getattr(why, "error_code", None)  # of an event of HTTP/2: a stream was reset, or all are to end
    if code is not None:
        name = getattr(code, "name", code)
        return _lost(f"the stream of HTTP/2 from {way} was ended by {name}", attempt, in_body=in_body)
    stream = attempt.stream
    is_lost = isinstance(error, httpcore.NetworkError) or str(error).startswith(ENDED) or stream.has_ended
    if is_lost and not _speaks_http1(attempt):
        verb = "reset" if isinstance(stream.cause, ConnectionResetError) else "lost"
        if in_body:
            return _lost(f"the connection to {way} was {verb} in the body", attempt, in_body=True)
        kind = "reused" if attempt.reused else "new"
        what = f"the connection, {kind}, to {way} was {verb} before any response"
        if attempt.is_http2 and not stream.beginning:
            what += '; if it speaks no HTTP/2, write "TRANSPORT": "http1"'
        elif not attempt.reused:
            is_secure = attempt.origin.scheme == "https"
            what += hints.lost(stream.cause, is_secure=is_secure, has_certificate=route.files[1] is not None)
        return _lost(what, attempt, in_body=False)
    return UpstreamProtocolError(
        f"the response of {way} is refused: {_reason(attempt)}{_protocol(attempt)}", call=attempt.call
    )


def _not_sent(error: Exception, attempt: Attempt, route: Route) -> UpstreamError:
    """Return the error of a proxy; those of sockets and of TLS are ours already."""
    call, proxy = attempt.call, route.proxy
    if proxy is None:
        return failed(f"cannot connect to {route.way(attempt.origin)}; check BASE_URL", call)
    if proxy.scheme != "http":
        where = f"the proxy {address(proxy)}"
        if isinstance(error, httpcore.ProxyError):
            why = str(error).rstrip(".").replace("Proxy Server could not connect: ", "")
            fix = "check the user and the password in PROXY" if _is_of_login(why) else "check BASE_URL"
            return failed(f"{where} refused the connection to {address(attempt.origin)}: {why}; {fix}", call)
        return failed(f"{where} does not speak SOCKS5; check PROXY", call)
    if isinstance(error, httpcore.ProxyError):
        code = str(error).partition(" ")[0]
        fix = "write its credentials in PROXY" if code == "407" else "check PROXY and BASE_URL"
        return failed(f"the proxy refused the tunnel with status {code}; {fix}", call)
    if isinstance(error, httpcore.NetworkError) or attempt.stream.has_ended:
        return failed("the proxy closed the connection; check PROXY", call)
    what = (
        f"the response of the proxy, {route.way(attempt.origin)}, is refused: it is not HTTP/1.1; check PROXY"
    )
    return UpstreamProtocolError(what, call=call)


def _is_of_login(why: str) -> bool:
    return "username" in why.lower() or "but got" in why


def _lost(what: str, attempt: Attempt, *, in_body: bool) -> UpstreamConnectionError:
    phase: UpstreamConnectionError.Phase = "receive" if in_body else "send"
    return UpstreamConnectionError(what, call=attempt.call, phase=phase, reused=attempt.may_be_stale)


def _reason(attempt: Attempt) -> str:
    return "it is not HTTP/2" if attempt.is_http2 else "it is not HTTP/1.1"


def _protocol(attempt: Attempt) -> str:
    """Return what the peer speaks instead, by its first bytes."""
    if _speaks_http1(attempt):
        return '; it speaks HTTP/1.1: write "TRANSPORT": "http1"'
    return hints.not_http(attempt.stream.beginning)


def _speaks_http1(attempt: Attempt) -> bool:
    return attempt.is_http2 and attempt.stream.beginning.startswith(b"HTTP/")
