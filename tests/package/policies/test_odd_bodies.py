"""Bodies as real servers send them: codings that are none, marks before JSON, reasons in streams that are refused."""

import gzip
from codecs import BOM_UTF8

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamStatusError
from upstreams.clients import responses
from upstreams.clients.responses import MAX_REFUSED_SIZE
from upstreams.testing.loopback import http_response

QUOTE = b'{"text": "a", "author": "b"}'

pytestmark = pytest.mark.usefixtures("lifespan")


@pytest.mark.parametrize("encoding", ["identity", "UTF-8", "none", "aws-chunked", ""])
async def test_a_word_that_is_no_encoding_leaves_the_body(loopback, encoding):
    loopback.on("/random", http_response(QUOTE, headers={"content-encoding": encoding}))
    response = await quotes.get("random")
    assert (response.content, response.headers["content-length"]) == (QUOTE, str(len(QUOTE)))
    assert (await quotes.random()).text == "a"


@pytest.mark.parametrize("encoding", ["gzip", "br", "compress"])
async def test_a_response_without_a_body_may_name_an_encoding(upstream_mock, encoding):
    upstream_mock("quotes").get("random").content(b"", 204, headers={"content-encoding": encoding})
    assert (await quotes.get("random")).content == b""


@pytest.mark.parametrize("encoding", ["gzip", "br", "compress"])
async def test_an_empty_body_may_name_an_encoding(upstream_mock, encoding):
    upstream_mock("quotes").get("random").content(b"", headers={"content-encoding": encoding})
    assert (await quotes.get("random")).content == b""


@pytest.mark.parametrize("encoding", ["gzip", "br", "compress"])
async def test_head_keeps_its_length_and_encoding(loopback, encoding):
    fields = {"content-encoding": encoding, "content-length": "1234"}
    loopback.on("/random", http_response(b"", headers=fields))
    response = await quotes.request("HEAD", "random")
    assert (response.content, {name: response.headers[name] for name in fields}) == (b"", fields)


@pytest.mark.parametrize(("encoding", "content"), [("compress", b"raw"), ("gzip", b""), ("gzip, br", b"raw")])
async def test_a_status_comes_before_a_body_that_cannot_be_decoded(upstream_mock, encoding, content):
    upstream_mock("quotes").get("random").content(b"raw", 404, headers={"content-encoding": encoding})
    with pytest.raises(UpstreamStatusError, match="status 404") as caught:
        await quotes.random()
    assert caught.value.response.content == content


async def test_a_503_that_cannot_be_decoded_is_retried(loopback):
    loopback.on("/random", http_response(b"x", 503, {"content-encoding": "compress", "retry-after": "0"}))
    loopback.on("/random", http_response(QUOTE))
    assert (await quotes.random()).text == "a"


async def test_a_byte_order_mark_is_no_json(upstream_mock):
    upstream_mock("quotes").get("random").content(BOM_UTF8 + QUOTE)
    assert (await quotes.random()).text == "a"
    assert (await quotes.get("random")).json()["text"] == "a"


@pytest.mark.upstreams(
    quotes={"AUTH": {"OAUTH2": {"TOKEN_URL": "https://id.test/t", "CLIENT_ID": "i", "CLIENT_SECRET": "s"}}}
)
async def test_a_byte_order_mark_is_no_token(upstream_mock):
    upstream_mock("quotes").post("https://id.test/t").content(BOM_UTF8 + b'{"access_token": "t"}')
    upstream_mock("quotes").get("random").content(QUOTE)
    await quotes.random()
    assert upstream_mock("quotes").requests[-1].headers["Authorization"] == "Bearer t"


@pytest.mark.parametrize(
    ("steps", "content"),
    [
        ([http_response({}, 404)], b"{}"),
        ([http_response(gzip.compress(b"why"), 404, {"content-encoding": "gzip"})], b"why"),
        ([http_response(b"why", 404, {"content-encoding": "gzip"})], b""),
        ([http_response(b"why", 404, {"content-length": "9"}), "close"], b"why"),
        ([http_response(b"why", 404, {"content-length": "9"}), "hang"], b"why"),
        ([http_response(b"x" * 2**20, 404)], b"x" * MAX_REFUSED_SIZE),
    ],
    ids=["json", "gzip", "not gzip", "cut", "without an end", "large"],
)
async def test_a_stream_that_is_refused_raises_with_its_body(loopback, monkeypatch, steps, content):
    monkeypatch.setattr(responses, "MAX_REFUSED_TIME", 0.2)
    loopback.on("/export", *steps)
    with pytest.raises(UpstreamStatusError, match="status 404") as caught:
        [chunk async for chunk in quotes.export()]
    assert caught.value.response.content == content
