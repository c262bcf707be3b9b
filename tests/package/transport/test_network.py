"""TLS, proxies, credentials, and an environment that must not matter."""

import asyncio
import ssl
import time

import pytest
import trustme
from testproject.asgi import application
from testproject.quotes import quotes
from upstreams import UpstreamConnectionError, UpstreamDecodeError, UpstreamStatusError
from upstreams.testing.lifespan import LifespanFailed, run_lifespan
from upstreams.testing.loopback import Loopback, http_response
from upstreams.transport import network
from upstreams.transport.network import tls

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
        yield upstream.on("/random", http_response(QUOTE))


@pytest.fixture
def files(authority, tmp_path):
    ours = authority.issue_cert("ours.test")
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    ours.private_key_and_cert_chain_pem.write_to_path(tmp_path / "ours.pem")
    return {"CA": str(tmp_path / "ca.pem"), "CERT": str(tmp_path / "ours.pem")}


async def test_an_upstream_is_verified_and_sees_our_certificate(secure, files, define):
    define(quotes={"BASE_URL": secure.url, **files})
    async with run_lifespan(application):
        assert (await quotes.random()).author == "b"


async def test_a_certificate_of_an_unknown_authority_is_refused(secure, files, define):
    define(quotes={"BASE_URL": secure.url, "CERT": files["CERT"]})
    async with run_lifespan(application):
        with pytest.raises(
            UpstreamConnectionError, match=r"the certificate of 127\.0\.0\.1:\d+ is not valid"
        ) as caught:
            await quotes.random()
    assert caught.value.phase == "connect"


async def test_a_missing_certificate_file_stops_the_boot(define, tmp_path):
    define(quotes={"CA": str(tmp_path / "none.pem")})
    with pytest.raises(LifespanFailed, match="upstream quotes: CA or CERT cannot be read"):
        async with run_lifespan(application):
            raise AssertionError("started")


def test_upstreams_share_their_tls_context():
    assert tls(None, None) is tls(None, None)


@pytest.mark.upstreams(
    quotes={"BASE_URL": "http://quotes.test", "PROXY": "http://user:pass@127.0.0.1:{port}"}
)
async def test_a_proxy_is_used_with_its_credentials(loopback, lifespan):
    loopback.on("http://quotes.test/random", http_response(QUOTE))
    await quotes.random()
    assert loopback.requests[0].headers["proxy-authorization"] == "Basic dXNlcjpwYXNz"


@pytest.mark.upstreams(quotes={"BASE_URL": "https://quotes.test", "PROXY": "http://127.0.0.1:{port}"})
async def test_a_proxy_that_refuses_is_named(loopback, lifespan):
    loopback.on("quotes.test:443", http_response(b"", 407))
    with pytest.raises(
        UpstreamConnectionError, match="the proxy refused the tunnel with status 407"
    ) as caught:
        await quotes.random()
    assert caught.value.phase == "connect"


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
    network._contexts.clear()
    loopback.on("/random", http_response(QUOTE))
    async with run_lifespan(application):
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
async def test_credentials_are_sent(upstream_mock, lifespan, header):
    upstream_mock("quotes").get("random").json(QUOTE)
    await quotes.random()
    assert upstream_mock("quotes").requests[0].headers["Authorization"] == header


oauth2 = pytest.mark.upstreams(quotes={"AUTH": {"OAUTH2": {"TOKEN_URL": "https://id.test/token", **OAUTH2}}})


@oauth2
async def test_ten_calls_at_once_fetch_one_token(upstream_mock, lifespan):
    token = (
        upstream_mock("quotes").post("https://id.test/token").json({"access_token": "t", "expires_in": 60})
    )
    token.after(lambda _: asyncio.sleep(0.01))
    upstream_mock("quotes").get("random").json(QUOTE)
    await asyncio.gather(*(quotes.random() for _ in range(10)))
    token, *calls = upstream_mock("quotes").requests
    assert token.content == b"grant_type=client_credentials&scope=read"
    assert token.headers["Authorization"] == "Basic aWQ6c2VjcmV0"
    assert [call.headers["Authorization"] for call in calls] == ["Bearer t"] * 10


@oauth2
async def test_a_token_is_fetched_anew_before_it_ends(upstream_mock, lifespan, monkeypatch):
    tokens = upstream_mock("quotes").post("https://id.test/token")
    tokens.json({"access_token": "first", "expires_in": 60}).json(
        {"access_token": "second", "expires_in": 60}
    )
    upstream_mock("quotes").get("random").json(QUOTE)
    now = time.monotonic()
    for later in (0, 29, 31):
        monkeypatch.setattr(
            "upstreams.policies.client_credentials.monotonic", lambda later=later: now + later
        )
        await quotes.random()
    sent = [
        request.headers["Authorization"]
        for request in upstream_mock("quotes").requests
        if request.method == "GET"
    ]
    assert sent == ["Bearer first", "Bearer first", "Bearer second"]


@oauth2
async def test_a_revoked_token_is_fetched_anew(upstream_mock, lifespan):
    tokens = upstream_mock("quotes").post("https://id.test/token")
    tokens.json({"access_token": "first"}).json({"access_token": "second"})
    upstream_mock("quotes").get("random").content("", 401).json(QUOTE)
    await quotes.random()
    sent = [
        request.headers["Authorization"]
        for request in upstream_mock("quotes").requests
        if request.method == "GET"
    ]
    assert sent == ["Bearer first", "Bearer second"]


@oauth2
@pytest.mark.parametrize(
    ("body", "status", "error"),
    [("{}", 200, UpstreamDecodeError), ('{"error": "invalid_client"}', 401, UpstreamStatusError)],
)
async def test_a_token_endpoint_that_gives_none_fails_the_call(upstream_mock, lifespan, body, status, error):
    upstream_mock("quotes").post("https://id.test/token").content(body, status)
    with pytest.raises(error, match=r"quotes: POST \(token\): the token endpoint"):
        await quotes.random()
