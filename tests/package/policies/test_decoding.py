"""Bodies: decoded under the cap, streamed both ways."""

import gzip
import zlib

import pytest
from testproject.quotes import quotes
from upstreams import (
    UpstreamConnectionError,
    UpstreamDecodeError,
    UpstreamResponseTooLarge,
    UpstreamTimeout,
)
from upstreams.policies.decoding import ACCEPTED
from upstreams.testing.loopback import http_response

from policies.doubles import turns_of_others

QUOTE = b'{"text": "a", "author": "b"}'
RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = RAW.compress(QUOTE) + RAW.flush()
TEN_MIB = 10 * 1024 * 1024

pytestmark = pytest.mark.usefixtures("lifespan")


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(QUOTE)),
        ("GZIP", gzip.compress(QUOTE[:9]) + gzip.compress(QUOTE[9:])),
        ("deflate", zlib.compress(QUOTE)),
        ("deflate", RAW_DEFLATE),
        ("gzip", gzip.compress(QUOTE) + b"\0" * 20_000),
        ("gzip", gzip.compress(QUOTE) + b"\n\x1f"),
        ("deflate", zlib.compress(QUOTE) + b"\n"),
        ("aws-chunked, gzip", gzip.compress(QUOTE)),
    ],
    ids=[
        "gzip",
        "gzip of two members",
        "deflate",
        "raw deflate",
        "padding",
        "a line after it",
        "a line after deflate",
        "aws-chunked",
    ],
)
async def test_an_encoded_body_is_decoded(upstream_mock, encoding, body):
    upstream_mock("quotes").get("random").content(body, headers={"content-encoding": encoding})
    response = await quotes.get("random")
    assert response.content == QUOTE
    assert "content-encoding" not in response.headers
    assert upstream_mock("quotes").requests[0].headers["Accept-Encoding"] == ACCEPTED


@pytest.mark.parametrize(
    ("encoding", "body", "what"),
    [
        ("gzip", b"plain", "the body is not gzip"),
        ("gzip", gzip.compress(QUOTE)[:-9], "the gzip body is truncated"),
        ("gzip", gzip.compress(QUOTE) + gzip.compress(QUOTE)[:-9], "the gzip body is truncated"),
        ("compress", b"x", f"the body's encoding is none of {ACCEPTED}"),
        ("gzip, gzip", gzip.compress(gzip.compress(QUOTE)), f"the body's encoding is none of {ACCEPTED}"),
    ],
    ids=["plain", "truncated", "a truncated member", "unknown", "nested"],
)
async def test_a_body_that_cannot_be_decoded_is_an_error(upstream_mock, encoding, body, what):
    upstream_mock("quotes").get("random").content(body, headers={"content-encoding": encoding})
    with pytest.raises(UpstreamDecodeError, match=what):
        await quotes.random()


async def test_a_body_is_decoded_whole_whatever_its_size(upstream_mock):
    body = b"x" * TEN_MIB
    upstream_mock("quotes").get("random").content(gzip.compress(body), headers={"content-encoding": "gzip"})
    assert (await quotes.get("random")).content == body


async def test_a_bomb_is_refused_at_the_limit(upstream_mock):
    bomb = gzip.compress(b"x" * (TEN_MIB + 1))
    upstream_mock("quotes").get("random").content(bomb, headers={"content-encoding": "gzip"})
    with pytest.raises(
        UpstreamResponseTooLarge, match="the body is larger than MAX_RESPONSE_SIZE, 10485760 bytes"
    ):
        await quotes.get("random")


@pytest.mark.parametrize(
    "body", [gzip.compress(b"") * 20_000, gzip.compress(b"x" * TEN_MIB)], ids=["empty members", "bomb"]
)
async def test_decoding_lets_others_run(upstream_mock, body):
    upstream_mock("quotes").get("random").content(body, headers={"content-encoding": "gzip"})
    assert await turns_of_others(quotes.get("random")) > 20


async def test_a_stream_is_read_as_it_comes(loopback):
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    loopback.on("/export", head, b"3\r\nabc\r\n", b"3\r\ndef\r\n", b"0\r\n\r\n")
    assert b"".join([chunk async for chunk in quotes.export()]) == b"abcdef"


@pytest.mark.upstreams(quotes={"MAX_RESPONSE_SIZE": 10})
async def test_a_stream_has_no_cap(upstream_mock):
    upstream_mock("quotes").get("export").content(
        gzip.compress(b"x" * 100), headers={"content-encoding": "gzip"}
    )
    assert b"".join([chunk async for chunk in quotes.export()]) == b"x" * 100


@pytest.mark.upstreams(quotes={"STREAM_IDLE_TIMEOUT": 0.05, "TIMEOUT": 5})
async def test_a_stream_that_dries_up_times_out(loopback):
    loopback.on("/export", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n123", "hang")
    with pytest.raises(
        UpstreamTimeout,
        match=r"quotes: GET export: the stream sent nothing within STREAM_IDLE_TIMEOUT, 0\.05 s",
    ) as caught:
        [chunk async for chunk in quotes.export()]
    assert caught.value.limit == ("STREAM_IDLE_TIMEOUT", 0.05, "s")


@pytest.mark.upstreams(quotes={"TIMEOUT": 0.05})
async def test_a_stream_that_does_not_begin_times_out(loopback):
    loopback.on("/export", "hang")
    with pytest.raises(UpstreamTimeout, match=r"no complete response within TIMEOUT, 0\.05 s"):
        [chunk async for chunk in quotes.export()]


async def test_a_truncated_stream_is_not_passed_on_as_whole(upstream_mock):
    upstream_mock("quotes").get("export").fail("reset_in_body")
    with pytest.raises(UpstreamConnectionError) as caught:
        [chunk async for chunk in quotes.export()]
    assert caught.value.phase == "receive"


async def test_a_body_can_be_streamed_up(loopback):
    async def chunks():
        for chunk in (b"abc", b"def"):
            yield chunk

    loopback.on("/items", http_response({}))
    await quotes.post("items", content=chunks())
    assert loopback.requests[0].body == b"abcdef"


async def test_an_error_in_our_own_body_is_our_own(loopback):
    async def chunks():
        yield b"abc"
        raise LookupError("no such file")

    loopback.on("/items", http_response({}))
    with pytest.raises(LookupError, match="no such file"):
        await quotes.post("items", content=chunks())


async def test_a_timeout_of_our_own_body_is_our_own(loopback):
    async def chunks():
        yield b"abc"
        raise TimeoutError("mine")

    loopback.on("/items", http_response({}))
    with pytest.raises(TimeoutError, match="mine"):
        await quotes.post("items", content=chunks())


async def test_a_form_with_a_file_is_sent(loopback):
    loopback.on("/items", http_response({}))
    await quotes.post("items", data={"name": "pen"}, files={"picture": ("pen.png", b"PNG", "image/png")})
    (request,) = loopback.requests
    assert request.headers["content-type"].startswith("multipart/form-data; boundary=")
    assert b'filename="pen.png"' in request.body
    assert b'name="name"\r\n\r\npen' in request.body
