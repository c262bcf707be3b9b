"""Nothing leaves the origin or the base path of its upstream, and no credential goes elsewhere."""

from urllib.parse import unquote, urlsplit

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.core.errors import UnsafeRequest
from upstreams.core.httpx import Request, httpx
from upstreams.core.urls import MAX_URL_LENGTH, header_values, refusal, url
from upstreams.testing.loopback import Loopback, http_response

BASE = "https://a.test:8443/v1"
HOSTILE_PARAMETERS = [
    "../admin", "..\\admin", "/admin", "//evil.test", "https://evil.test", "http:evil.test", "@evil.test", ":80@evil.test",
    "a/../../admin", "%2e%2e", "%2e%2e%2fadmin", "%252e%252e", "..%2f", "..;/", "\uff0e\uff0e", "\u2024\u2024/", "a?admin=1", "a#frag",
    "a&b=c", "a;b=c", "a b", "a\tb", "a\nb", "a\r\nHost: evil.test", "a\x00b", "\u2028", "\u202e", "é", "日本",
    "{author}", "{0.__class__}", "%", "%zz", "\\", "~", "*", "'\"", "<script>", "[::1]", "a" * 3000,
]  # fmt: skip
REFUSED_PARAMETERS = ["", ".", "..", None, True, False, "\ud800"]
HOSTILE_TEMPLATES = [
    "/admin", "//evil.test/x", "https://evil.test/x", "../admin", "a/../../admin",
    "a/./b", ".", "..", "%2e%2e/admin", "%2E./admin", "a/%2e%2e", "a//b", "a\\b", "\\\\evil.test", "a?b", "a#b",
    "a b", "a\r\nb", "a\x00", "\tadmin", "%2fadmin", "a%3fb", "a%5cb", "%0d%0aHost:x", "items/../admin", "items/%252e%252e/admin",
    "items/%25252e%25252e", "items/..;/admin", "items/..%3b/admin", "items/\ud800", "items/..", "items/..\\admin", "items//evil.test",
]  # fmt: skip
HOSTILE_HEADERS = [
    ("X-A", "a\r\nX-Admin: 1"), ("X-A", "a\nb"), ("X-A", "a\x00b"), ("X-A", "\r"), ("X-A\r\nX-B", "a"), ("X-A: x\n", "a"),
    ("X-A", "a\x7f"), ("X-\x00", "a"), ("X A", "a"), ("X-A:", "a"), ("", "a"), ("X-A", "Jos\u00e9"), ("X-A", "\ud800"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("template", "parameters", "path"),
    [
        ("a/{b}", {"b": "x/y"}, "a/x%2Fy"),
        ("a/{b}", {"b": "../c?d#e"}, "a/..%2Fc%3Fd%23e"),
        ("a/{b}", {"b": 7}, "a/7"),
        ("a/{b}/{b}", {"b": "é"}, "a/%C3%A9/%C3%A9"),
        ("a/", {}, "a/"),
        ("models/gemini:generateContent", {}, "models/gemini:generateContent"),
        ("gemini:generateContent", {}, "gemini:generateContent"),
        ("models/{b}:generateContent", {"b": "gemini"}, "models/gemini:generateContent"),
        ("models/{b}:get", {"b": "gemini:delete"}, "models/gemini%3Adelete:get"),
    ],
)
def test_a_parameter_is_encoded(template, parameters, path):
    assert url("https://a.test/v1", template, parameters) == f"https://a.test/v1/{path}"


@pytest.mark.parametrize("parameters", [{}, {"b": 1, "c": 2}])
def test_missing_and_unknown_parameters_are_named(parameters):
    with pytest.raises(ValueError, match=r"path 'a/\{b\}' needs the parameters \['b'\], got"):
        url("https://a.test", "a/{b}", parameters)


@pytest.mark.parametrize("part", HOSTILE_PARAMETERS)
def test_a_parameter_stays_one_segment_of_the_path(part):
    sent = Request("GET", url(BASE, "authors/{author}/quotes", {"author": part})).url
    assert (sent.scheme, sent.host, sent.port, sent.query, sent.fragment) == (
        "https",
        "a.test",
        8443,
        b"",
        "",
    )
    segments = sent.raw_path.decode().split("/")
    assert segments[:3] + segments[4:] == ["", "v1", "authors", "quotes"]
    assert unquote(segments[3]) == part


@pytest.mark.parametrize("part", REFUSED_PARAMETERS)
def test_a_parameter_that_is_none_is_refused(part):
    with pytest.raises(
        UnsafeRequest, match="parameter 'author' must be text, a number or a UUID; not empty, not dots"
    ):
        url(BASE, "authors/{author}", {"author": part})


@pytest.mark.parametrize("template", HOSTILE_TEMPLATES)
def test_a_template_that_could_lead_elsewhere_is_refused(template):
    message = r'must be relative, without .*; pass text of a client as a path parameter: get\("items/\{item\}", item=…\)'
    with pytest.raises(UnsafeRequest, match=message):
        url(BASE, template, {})


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "{}",
        "{0}",
        "{0.__class__}",
        "{id!r}",
        "{other!s}",
        "{id.__class__}",
        "{id[0]}",
        "{id:>9}",
        "{id:{id}}",
    ],
)
def test_braces_of_a_client_are_refused(text):
    with pytest.raises(
        UnsafeRequest, match=r"must have names alone in braces, as \{item\}; pass text of a client"
    ):
        url(BASE, f"items/{text}/{{id}}", {"id": 7})


def test_a_refused_template_is_shown_without_its_query_and_not_at_length():
    with pytest.raises(UnsafeRequest) as caught:
        url(BASE, "items/a\r\nb?token=secret", {})
    assert str(caught.value).startswith(r"path 'items/a\r\nb' must be relative")
    with pytest.raises(UnsafeRequest) as caught:
        url(BASE, "/" + "a" * 5000, {})
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(("name", "value"), HOSTILE_HEADERS)
def test_a_header_cannot_end_its_line(name, value):
    with pytest.raises(UnsafeRequest, match=r"must hold printable ASCII characters|must be a name such as"):
        header_values({name: value})


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.test/",
        "//evil.test/",
        "http://127.0.0.1:1/",
        "/elsewhere",
        "file:///etc/passwd",
        "\\\\evil.test",
        "",
    ],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.upstreams(quotes={"AUTH": {"BEARER": "secret"}, "HEADERS": {"X-Api-Key": "secret"}})
@pytest.mark.usefixtures("lifespan")
async def test_a_redirect_is_not_followed(loopback, status, location):
    with Loopback() as elsewhere:
        target = location.replace("https://evil.test", elsewhere.url)
        loopback.on("/random", http_response(b"", status, {"location": target}))
        with pytest.raises(UpstreamStatusError, match=f"status {status}"):
            await quotes.random()
    assert (len(loopback.requests), elsewhere.requests) == (1, [])


@pytest.mark.usefixtures("lifespan")
@pytest.mark.upstreams(quotes={"AUTH": {"BEARER": "ours"}})
async def test_credentials_reach_their_own_upstream_only(loopback):
    loopback.on("/random", http_response({"text": "a", "author": "b"}))
    await quotes.random()
    (request,) = loopback.requests
    assert request.headers["authorization"] == "Bearer ours"
    assert urlsplit(loopback.url).netloc == request.headers["host"]


@pytest.mark.parametrize("where", ["path", "query"])
def test_the_longest_url_is_that_of_the_library(where):
    def make(size):
        start = {"path": "http://a/", "query": "a="}[where]
        text = "a" * (size - len(start))
        return Request("GET", start + text) if where == "path" else Request("GET", "/", params={"a": text})

    assert len(str(make(MAX_URL_LENGTH).url)) >= MAX_URL_LENGTH
    with pytest.raises(httpx.InvalidURL) as caught:
        make(MAX_URL_LENGTH + 1)
    assert refusal(caught.value).startswith("its path or its query is longer than 65536 characters; ")
