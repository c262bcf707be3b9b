"""What is probably wrong, where an upstream cannot be reached or does not speak HTTP/1.1."""

import errno
import os
import re
import ssl

WRITE_HTTP = "write http:// in BASE_URL, or the port that speaks TLS"
WRITE_HTTP2 = '"TRANSPORT": "http2"'
WRITE_HTTPS = "the port speaks TLS: write https:// in BASE_URL"
NO_TLS_REASONS = {
    "WRONG_VERSION_NUMBER",
    "RECORD_LAYER_FAILURE",
    "HTTP_REQUEST",
    "UNKNOWN_PROTOCOL",
    "PACKET_LENGTH_TOO_LONG",
    "UNEXPECTED_MESSAGE",
}
"""OpenSSL's names for bytes that are not TLS; which one depends on the bytes and on its version."""
NO_VERSION_REASONS = {"TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "WRONG_SSL_VERSION"}
"""OpenSSL's names for a peer without a version of TLS that both speak."""
CUT_TLS = (
    ", which has no length: TLS ended without a close_notify, so that anybody may have cut it; "
    "the upstream must send a length, chunks or a close_notify"
)
"""Of a body that would be complete without TLS (RFC 9112 §9.8)."""
TOO_MANY_FILES = "too many files are open; raise the limit of this process (ulimit -n)"
ERROR_NUMBER = re.compile(r"\[Errno (\d+)\]")
WORDS = re.compile(r"\[SSL\] ([\w ]+)")
WRONG_NAME_CODES = {62, 64}  # X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH
UNKNOWN_ISSUER_CODES = {18, 19, 20, 21}  # self-signed, or an issuer that is not trusted
EXPIRED_CODE = 10
HTTP_ON_TLS_PORT = (
    b"plain http request was sent to https port",  # nginx
    b"speaking plain http to an ssl-enabled server port",  # Apache
    b"client sent an http request to an https server",  # Go
    b"this combination of host and port requires tls",  # Tomcat
)
OTHER_PROTOCOLS = (b"SSH-", b"220 ", b"220-", b"* OK", b"+OK", b"-ERR", b"-NOAUTH", b"AMQP")


def certificate(error: ssl.SSLCertVerificationError) -> str:
    """Return why a certificate is not valid, and what to do."""
    fix = ""
    if error.verify_code in WRONG_NAME_CODES:
        fix = "; write a host of the certificate in BASE_URL"
    elif error.verify_code in UNKNOWN_ISSUER_CODES:
        fix = "; set CA to a file with the certificate of its authority"
    elif error.verify_code == EXPIRED_CODE:
        fix = "; the upstream must renew it"
    return f"{error.verify_message.rstrip('.')}{fix}"


def not_connected(error: Exception, key: str, *, is_secure: bool) -> str:
    """Return why a connection cannot be opened, and what to do, as the end of a sentence.

    Args:
        error: of the socket, or of TLS.
        key: of the upstream, which names the host: `BASE_URL` or `PROXY`.
        is_secure: whether TLS was being set up.
    """
    if isinstance(error, ssl.SSLError):
        return _no_tls(error)
    number = getattr(error, "errno", None)
    # Several addresses that failed in different ways are one error with all their messages.
    numbers = {number} if number else set(map(int, ERROR_NUMBER.findall(str(error))))
    if numbers & {errno.EMFILE, errno.ENFILE}:
        return f": {TOO_MANY_FILES}"
    if errno.ECONNREFUSED in numbers:
        return f": it refuses connections; start the service that listens there, or correct {key}"
    if numbers & {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL}:
        return f": there is no route to it; check the network and {key}"
    if is_secure:  # a peer that does not understand TLS may hang up
        verb = "reset" if errno.ECONNRESET in numbers else "closed"
        return f": it {verb} the connection during the TLS handshake; if it does not speak TLS, {WRITE_HTTP}"
    reason = ", ".join(os.strerror(one).lower() for one in sorted(numbers)) or str(error)
    return f": {reason}; check {key}" if reason else f"; check {key}"


def not_resolved(error: OSError, key: str) -> str:
    """Return why a name has no address, and what to do, as the end of a sentence.

    Args:
        error: of the look-up.
        key: of the upstream, which holds the name.
    """
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return f"cannot be looked up: {TOO_MANY_FILES}"
    reason = (error.strerror or "").rstrip(".").lower().replace("; ", ", ")
    return f"does not resolve{reason and f': {reason}'}; check {key} and the DNS here"


def no_unix_socket(error: OSError) -> str:
    """Return why a Unix socket cannot be connected to, and what to do, as the end of a sentence."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return f": {TOO_MANY_FILES}"
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        return ": there is no such file; start the service that listens there, or correct UDS"
    if error.errno == errno.ECONNREFUSED:
        return ": nobody listens there; start the service, or correct UDS"
    if error.errno in (errno.EACCES, errno.EPERM):
        return ": the user of this process may not open it; let it write there, and enter the folders above"
    if error.errno == errno.EAGAIN:
        return ": its queue of connections is full; the service accepts none, or too few"
    reason = (error.strerror or str(error)).lower()
    return f": {reason}; check UDS"


def _no_tls(error: ssl.SSLError) -> str:
    reason = _reason(error)
    if reason in NO_TLS_REASONS:
        return f": it does not speak TLS; {WRITE_HTTP}"
    if "NO_APPLICATION_PROTOCOL" in reason:
        return f": it does not offer HTTP/1.1, only HTTP/2 perhaps; write {WRITE_HTTP2}"
    if "EOF" in reason or not reason:
        return f": it closed the connection during the TLS handshake; if it does not speak TLS, {WRITE_HTTP}"
    if reason in NO_VERSION_REASONS:
        return ": it speaks neither TLS 1.2 nor 1.3; turn one of them on there"
    words = reason.lower().replace("_", " ")
    return f": the TLS handshake failed ({words}); set CERT if it asks for a certificate, and check its versions of TLS"


def _reason(error: ssl.SSLError) -> str:
    """Return OpenSSL's name of an error; Python has none for some, such as an alert about ALPN, and words instead."""
    words = WORDS.search(str(error))
    return error.reason or (words[1].upper().replace(" ", "_") if words else "")


def lost(cause: BaseException | None = None, *, is_secure: bool, has_certificate: bool) -> str:
    """Return what to do about a new connection that was lost before any response; nothing if that is open."""
    if isinstance(cause, ssl.SSLError):
        reason = _reason(cause)
        if reason.endswith("CERTIFICATE_REQUIRED"):
            return "; it asks for a client certificate: set CERT"
        if "CERTIFICATE" in reason or reason.endswith("UNKNOWN_CA"):
            words = reason.lower().replace("_", " ")
            return f"; it does not accept the client certificate ({words}): set CERT to one that it knows"
        return ""
    if is_secure:  # servers on asyncio hang up without the alert that says why
        return "" if has_certificate else "; if it asks for a client certificate, set CERT"
    return "; if the port speaks TLS, write https:// in BASE_URL"


def not_http(data: bytes) -> str:
    """Return what a peer speaks instead of HTTP/1.1, by its first bytes.

    Args:
        data: what the connection has received first.
    """
    if data[:2] == b"\x15\x03":  # a TLS alert (RFC 8446 §5.1)
        return f"; {WRITE_HTTPS}"
    if len(data) >= 9 and data[:2] == b"\0\0" and data[3] in (4, 7):  # SETTINGS, GOAWAY (RFC 9113 §4.1)
        return f"; the port speaks HTTP/2 only: write {WRITE_HTTP2}"
    if data.startswith(OTHER_PROTOCOLS):
        return "; the port speaks another protocol: check BASE_URL"
    return ""


def status(code: int, content: bytes) -> str:
    """Return what a status other than 2xx says about the settings, if anything.

    Args:
        code: of the response.
        content: its body, as far as it was read.
    """
    if 300 <= code < 400:
        return "; redirects are not followed: write the final address in BASE_URL and the path"
    if code == 401:
        return "; check the credentials in AUTH or HEADERS"
    if code == 407:
        return "; write the credentials of the proxy in PROXY"
    words = content[:2000].lower() if code == 400 else b""
    if any(known in words for known in HTTP_ON_TLS_PORT):
        return f"; {WRITE_HTTPS}"
    if b"no required ssl certificate was sent" in words:  # nginx
        return "; it asks for a client certificate: set CERT"
    return ""
