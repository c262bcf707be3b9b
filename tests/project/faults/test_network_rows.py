"""A name server, a certificate, a clock or an environment that lies."""

import datetime
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from processes import wait_until
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificates")
    ours, foreign = trustme.CA(), trustme.CA()
    yesterday = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = {
        "good": ours.issue_cert("127.0.0.1"),
        "expired": ours.issue_cert(
            "127.0.0.1", not_before=yesterday - datetime.timedelta(days=1), not_after=yesterday
        ),
        "wrong host": ours.issue_cert("10.0.0.1"),
        "self-signed": foreign.issue_cert("127.0.0.1"),
    }
    ours.cert_pem.write_to_path(folder / "ca.pem")
    for name, cert in made.items():
        cert.private_key_and_cert_chain_pem.write_to_path(folder / f"{name}.pem")
    return folder


def secure(certificates: Path, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates / f"{name}.pem")
    return context


@pytest.mark.row("F15", "a certificate that is not valid", plain="passes: it verifies certificates, too")
@pytest.mark.parametrize("name", ["expired", "wrong host", "self-signed"])
def test_bad_certificate(start: Start, certificates: Path, name: str) -> None:
    with Loopback(secure(certificates, name)) as upstream:
        upstream.on("/x", GOOD)
        got = start(upstream.url, CA=str(certificates / "ca.pem")).get()
    assert (got.status, upstream.requests) == (502, [])


@pytest.mark.row("F15", "a good certificate, renewed while connected", plain="fails: it keeps its connection")
def test_renewed_certificate(start: Start, certificates: Path) -> None:
    context = secure(certificates, "good")
    with Loopback(context) as upstream:
        upstream.on("/x", GOOD)
        target = start(upstream.url, CA=str(certificates / "ca.pem"), CONNECTION_MAX_AGE=1)
        assert target.get().status == 200
        context.load_cert_chain(certificates / "expired.pem")
        assert target.get().status == 200
        assert wait_until(lambda: target.get().status == 502, 3)


@pytest.fixture
def silent() -> Iterator[str]:
    """Accepts connections and says nothing: a TLS handshake hangs."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.row("F15", "a TLS handshake that hangs", plain="passes: its connect timeout ends it")
def test_handshake_hangs(start: Start, silent: str) -> None:
    got = start(silent, CONNECT_TIMEOUT=0.3, MAX_ATTEMPTS=1, TIMEOUT=5).get()
    assert (got.status in (502, 504), got.seconds < 0.8) == (True, True)


@pytest.mark.row("F16", "a name that does not exist", plain="passes: its library raises an error")
def test_no_such_name(start: Start) -> None:
    got = start("http://no.test", MAX_ATTEMPTS=1).get()
    assert (got.status, got.seconds < 0.5) == (502, True)


@pytest.mark.row(
    "F16", "ten name lookups that hang for 8 s", plain="fails: they use up the threads for name lookups"
)
def test_look_ups_hang(start: Start, other: Loopback, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(other, "url", other.url.replace("127.0.0.1", "other.test"))
    target = start("http://hang.test")
    hung = target.many(10)
    assert {response.status for response in hung} <= {502, 503, 504}
    got = target.get("/call/other")
    assert (got.status, got.seconds < 0.5) == (200, True)


@pytest.mark.row("F33", "a clock that jumps a day forth and back", plain="passes: it measures no time itself")
def test_clock_jumps(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD).on("/x", "reset").on("/x", GOOD)
    target = start(env={"CLOCK": "jumps"}, MAX_ATTEMPTS=1)
    responses = [target.get() for _ in range(30)]
    assert [response.status for response in responses].count(200) == 29
    assert max(response.seconds for response in responses) < 1


@pytest.mark.row(
    "F35", "proxies, netrc and certificates in the environment", plain="fails: its library uses them"
)
def test_environment(start: Start, faulty: Loopback, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login stolen password stolen\n")
    faulty.on("/x", GOOD)
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http://127.0.0.1:9")
    env = {**proxies, "NETRC": str(netrc), "SSL_CERT_FILE": "/nonsense", "NO_PROXY": ""}
    assert start(env=env).get().status == 200
    assert "authorization" not in faulty.requests[0].headers


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
LARGE = b'{"n": "1", "data": "' + b"x" * 10_000_000 + b'"}'
ENDINGS = {
    "its length": HEAD + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(LARGE) + LARGE,
    "the connection": HEAD + b"connection: close\r\n\r\n" + LARGE,
}


@pytest.mark.row(
    "F54", "10 MB over TLS, after which the upstream closes", plain="passes: its library reads it whole"
)
@pytest.mark.parametrize("ending", ENDINGS)
def test_large_response_of_an_upstream_that_closes(start: Start, certificates: Path, ending: str) -> None:
    with Loopback(secure(certificates, "good")) as upstream:
        upstream.on("/x", ENDINGS[ending], "close")
        target = start(upstream.url, CA=str(certificates / "ca.pem"))
        found = [target.get() for _ in range(5)]
    assert [(got.status, got.json().get("size")) for got in found] == [(200, 10_000_001)] * 5
