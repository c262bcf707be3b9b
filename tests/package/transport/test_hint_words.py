"""What errors that no server of a test causes say."""

import errno
import re
import ssl

import pytest
from upstreams.transport import hints


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EMFILE, "ulimit -n"),
        (errno.EHOSTUNREACH, "no route"),
        (errno.EINVAL, ": invalid argument; check PROXY"),
    ],
)
def test_other_errors_of_a_socket_have_a_hint(number, hint):
    assert hint in hints.not_connected(OSError(number, ""), "PROXY", is_secure=False)


@pytest.mark.parametrize(
    ("reason", "hint"),
    [
        ("TLSV1_ALERT_NO_APPLICATION_PROTOCOL", "does not offer HTTP/1.1"),
        ("TLSV1_ALERT_PROTOCOL_VERSION", ": it speaks neither TLS 1.2 nor 1.3; turn one of them on there"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", r"\(sslv3 alert handshake failure\); set CERT .* versions of TLS"),
        ("UNEXPECTED_EOF_WHILE_READING", "closed the connection during the TLS handshake"),
    ],
)
def test_other_errors_of_tls_have_a_hint(reason, hint):
    error = ssl.SSLError(1, "")
    error.reason = reason
    assert re.search(hint, hints.not_connected(error, "BASE_URL", is_secure=True))


@pytest.mark.parametrize(
    ("code", "content", "hint"),
    [
        (301, b"", "; redirects are not followed: write the final address"),
        (401, b"", "; check the credentials in AUTH or HEADERS"),
        (407, b"", "; write the credentials of the proxy in PROXY"),
        (
            400,
            b"<center>The plain HTTP request was sent to HTTPS port</center>",
            "; the port speaks TLS: write https://",
        ),
        (400, b"Client sent an HTTP request to an HTTPS server.\n", "; the port speaks TLS: write https://"),
        (
            400,
            b"<center>No required SSL certificate was sent</center>",
            "; it asks for a client certificate: set CERT",
        ),
        (400, b"no such currency", ""),
        (404, b"", ""),
    ],
)
def test_a_status_that_the_settings_cause_has_a_hint(code, content, hint):
    assert hints.status(code, content).startswith(hint)
    assert bool(hints.status(code, content)) == bool(hint)
