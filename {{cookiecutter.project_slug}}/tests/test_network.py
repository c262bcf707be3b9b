"""TLS, proxies, credentials, and an environment that must not matter."""

import asyncio
import ssl
import time

import pytest
import trustme

from config.asgi import application
from services import BrokenAnswer, RefusedAnswer, UpstreamUnreachable
from services.core.network import tls
from testing.lifespan import LifespanFailed, running
from testing.upstream import Loopback, answer
from tests.quotes import quotes

QUOTE = {"text": "a", "author": "b"}
OAUTH2 = {"CLIENT_ID": "id", "CLIENT_SECRET": "secret", "SCOPE": "read"}


@pytest.fixture
def authority():
    return trustme.CA()


@pytest.fixture
def secure(authority):
    """An HTTPS upstream that wants to see a certificate of ours."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    with Loopback(context) as upstream:
        yield upstream.on("/random", answer(QUOTE))


@pytest.fixture
def files(authority, tmp_path):
    ours = authority.issue_cert("ours.test")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours.private_key_and_cert_chain_pem.write_to_path(tmp_path / "ours.pem")
    return {"CA": str(tmp_path / "ca.pem"), "CERT": str(tmp_path / "ours.pem")}


async def test_an_upstream_is_verified_and_sees_our_certificate(secure, files, define):
    define(quotes={"BASE_URL": secure.url, **files})
    async with running(application):
        assert (await quotes.random()).author == "b"


async def test_a_certificate_of_an_unknown_authority_is_refused(secure, files, define):
    define(quotes={"BASE_URL": secure.url, "CERT": files["CERT"]})
    async with running(application):
        with pytest.raises(
            UpstreamUnreachable, match=r"the certificate of 127\.0\.0\.1:\d+ is not valid"
        ) as caught:
            await quotes.random()
    assert caught.value.point == "connect"


async def test_a_missing_certificate_file_stops_the_boot(define, tmp_path):
    define(quotes={"CA": str(tmp_path / "none.pem")})
    with pytest.raises(LifespanFailed, match="upstream quotes: CA or CERT cannot be read"):
        async with running(application):
            raise AssertionError("started")


def test_upstreams_share_their_tls_context():
    assert tls(None, None) is tls(None, None)


@pytest.mark.upstreams(
    quotes={"BASE_URL": "http://quotes.test", "PROXY": "http://user:pass@127.0.0.1:{port}"}
)
async def test_a_proxy_is_used_with_its_credentials(loopback, lifespan):
    loopback.on("http://quotes.test/random", answer(QUOTE))
    await quotes.random()
    assert loopback.requests[0].headers["proxy-authorization"] == "Basic dXNlcjpwYXNz"


@pytest.mark.upstreams(quotes={"BASE_URL": "https://quotes.test", "PROXY": "http://127.0.0.1:{port}"})
async def test_a_proxy_that_refuses_is_named(loopback, lifespan):
    loopback.on("quotes.test:443", answer(b"", 407))
    with pytest.raises(UpstreamUnreachable, match="the proxy refused with 407") as caught:
        await quotes.random()
    assert caught.value.point == "connect"


async def test_the_environment_does_not_matter(loopback, upstreams, monkeypatch, tmp_path):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login stolen password stolen")
    for name, value in {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
        "NETRC": str(tmp_path / ".netrc"),
        "SSL_CERT_FILE": "/nonsense",
        "SSL_CERT_DIR": "/nonsense",
    }.items():
        monkeypatch.setenv(name, value)
    tls.cache_clear()
    loopback.on("/random", answer(QUOTE))
    async with running(application):
        await quotes.random()
    assert "authorization" not in loopback.requests[0].headers
    assert tls(None, None).cert_store_stats()["x509_ca"] > 10


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("Bearer t", marks=pytest.mark.upstreams(quotes={"AUTH": {"BEARER": "t"}})),
        pytest.param("Basic dTpw", marks=pytest.mark.upstreams(quotes={"AUTH": {"BASIC": ["u", "p"]}})),
        pytest.param("Bearer j", marks=pytest.mark.upstreams(quotes={"AUTH": '{"BEARER": "j"}'})),
    ],
)
async def test_credentials_are_sent(wire, lifespan, header):
    wire("quotes").get("random").json(QUOTE)
    await quotes.random()
    assert wire("quotes").requests[0].headers["Authorization"] == header


oauth2 = pytest.mark.upstreams(quotes={"AUTH": {"OAUTH2": {"TOKEN_URL": "https://id.test/token", **OAUTH2}}})


@oauth2
async def test_ten_calls_at_once_fetch_one_token(wire, lifespan):
    token = wire("quotes").post("https://id.test/token").json({"access_token": "t", "expires_in": 60})
    token.after(lambda _: asyncio.sleep(0.01))
    wire("quotes").get("random").json(QUOTE)
    await asyncio.gather(*(quotes.random() for _ in range(10)))
    token, *calls = wire("quotes").requests
    assert token.content == b"grant_type=client_credentials&scope=read"
    assert token.headers["Authorization"] == "Basic aWQ6c2VjcmV0"
    assert [call.headers["Authorization"] for call in calls] == ["Bearer t"] * 10


@oauth2
async def test_a_token_is_fetched_anew_before_it_ends(wire, lifespan, monkeypatch):
    tokens = wire("quotes").post("https://id.test/token")
    tokens.json({"access_token": "first", "expires_in": 60}).json(
        {"access_token": "second", "expires_in": 60}
    )
    wire("quotes").get("random").json(QUOTE)
    now = time.monotonic()
    for later in (0, 29, 31):
        monkeypatch.setattr("services.core.auth.monotonic", lambda later=later: now + later)
        await quotes.random()
    sent = [
        request.headers["Authorization"] for request in wire("quotes").requests if request.method == "GET"
    ]
    assert sent == ["Bearer first", "Bearer first", "Bearer second"]


@oauth2
async def test_a_revoked_token_is_fetched_anew(wire, lifespan):
    tokens = wire("quotes").post("https://id.test/token")
    tokens.json({"access_token": "first"}).json({"access_token": "second"})
    wire("quotes").get("random").content("", 401).json(QUOTE)
    await quotes.random()
    sent = [
        request.headers["Authorization"] for request in wire("quotes").requests if request.method == "GET"
    ]
    assert sent == ["Bearer first", "Bearer second"]


@oauth2
@pytest.mark.parametrize(
    ("body", "status", "error"),
    [("{}", 200, BrokenAnswer), ('{"error": "invalid_client"}', 401, RefusedAnswer)],
)
async def test_a_token_endpoint_that_gives_none_fails_the_call(wire, lifespan, body, status, error):
    wire("quotes").post("https://id.test/token").content(body, status)
    with pytest.raises(error, match=r"quotes: POST \(token\): the token endpoint"):
        await quotes.random()
