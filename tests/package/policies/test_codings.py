"""brotli and zstd, where their packages are installed; and what an error says where they are not."""

import functools
import os
import tracemalloc

import pytest
from testproject.quotes import quotes
from upstreams import UpstreamDecodeError, UpstreamResponseTooLarge
from upstreams.policies import codings, decoding
from upstreams.policies.codings import CODINGS
from upstreams.testing.loopback import http_response

from policies.doubles import turns_of_others

QUOTE = b'{"text": "a", "author": "b"}'
LARGE = os.urandom(50_000) + b"x" * 300_000
MIB = 1024 * 1024
INSTALLED = [
    pytest.param(
        name, marks=pytest.mark.skipif(name not in CODINGS, reason=f"a package for {name} is not installed")
    )
    for name in codings.EXTRAS
]
EACH = pytest.mark.parametrize("name", INSTALLED)

pytestmark = pytest.mark.usefixtures("lifespan")


@functools.cache
def compressed(name, body):
    if name == "br":
        return codings._first_of("brotli", "brotlicffi").compress(body, quality=5)
    return codings._first_of("compression.zstd", "backports.zstd").compress(body)


def response(name, body):
    return body, 200, {"content-encoding": name}


@EACH
@pytest.mark.parametrize("body", [QUOTE, b"", LARGE], ids=["small", "empty", "large"])
async def test_an_encoded_body_is_decoded(loopback, name, body):
    sent = compressed(name, body)
    loopback.on("/random", http_response(sent, headers={"content-encoding": name}))
    found = await quotes.get("random")
    assert found.content == body
    assert not {"content-encoding", "content-length"} & set(found.headers)
    assert name in loopback.requests[0].headers["accept-encoding"].split(", ")


@EACH
async def test_an_encoded_stream_is_decoded_as_it_comes(loopback, name):
    sent = compressed(name, LARGE)
    size = str(len(sent))
    pieces = [sent[start : start + 1000] for start in range(0, len(sent), 1000)]
    loopback.on(
        "/export", http_response(b"", headers={"content-encoding": name, "content-length": size}), *pieces
    )
    assert b"".join([chunk async for chunk in quotes.export()]) == LARGE


@EACH
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda body: b"plain" * 9, "the body is not {}"),
        (lambda body: body[:-3], "the {} body is truncated"),
        (lambda body: body + b"more", "the body is not {}"),
    ],
    ids=["plain", "truncated", "followed by more"],
)
@pytest.mark.parametrize("is_whole", [True, False], ids=["at once", "in pieces"])
async def test_a_body_that_is_not_what_it_says_is_an_error(loopback, name, change, what, is_whole):
    body = change(compressed(name, LARGE))
    pieces = [body] if is_whole else [body[:-4], 0.01, body[-4:]]
    headers = {"content-encoding": name, "content-length": str(len(body))}
    loopback.on("/random", http_response(b"", headers=headers), *pieces)
    with pytest.raises(UpstreamDecodeError, match=what.format(name)):
        await quotes.get("random")


@EACH
async def test_a_bomb_is_refused_at_the_limit_and_takes_little_memory(upstream_mock, name):
    bomb = compressed(name, b"x" * (100 * MIB))
    assert len(bomb) < 20_000  # one piece of input
    upstream_mock("quotes").get("random").content(*response(name, bomb))
    tracemalloc.start()
    try:
        with pytest.raises(UpstreamResponseTooLarge, match="the body is larger than MAX_RESPONSE_SIZE"):
            await quotes.get("random")
        assert tracemalloc.get_traced_memory()[1] < 30 * MIB
    finally:
        tracemalloc.stop()


@EACH
async def test_decoding_lets_others_run(upstream_mock, name):
    upstream_mock("quotes").get("random").content(*response(name, compressed(name, b"x" * 10 * MIB)))
    assert await turns_of_others(quotes.get("random")) > 20


@pytest.mark.skipif("zstd" not in CODINGS, reason="a package for zstd is not installed")
async def test_frames_of_zstd_are_one_body(upstream_mock):
    skipped = b"\x50\x2a\x4d\x18\x02\0\0\0ab"
    body = compressed("zstd", QUOTE[:9]) + skipped + compressed("zstd", QUOTE[9:])
    upstream_mock("quotes").get("random").content(*response("zstd", body))
    assert (await quotes.get("random")).content == QUOTE


@pytest.mark.skipif("zstd" not in CODINGS, reason="a package for zstd is not installed")
async def test_a_window_of_zstd_beyond_that_of_http_is_refused(upstream_mock):
    zstd = codings._first_of("compression.zstd", "backports.zstd")
    options = {zstd.CompressionParameter.window_log: 27, zstd.CompressionParameter.content_size_flag: 0}
    body = zstd.compress(b"x" * 20 * MIB, options=options)
    upstream_mock("quotes").get("random").content(*response("zstd", body))
    with pytest.raises(UpstreamDecodeError, match="the body is not zstd"):
        await quotes.get("random")


@pytest.mark.parametrize(("name", "extra"), codings.EXTRAS.items())
async def test_without_the_package_the_error_names_it(upstream_mock, monkeypatch, name, extra):
    monkeypatch.setattr(decoding, "CODINGS", {"gzip": CODINGS["gzip"]})
    upstream_mock("quotes").get("random").content(*response(name, b"x"))
    command = rf"add 'django-upstreams\[{extra}\]'"
    with pytest.raises(
        UpstreamDecodeError, match=rf"the body's encoding is {name} \(1 attempt\); .*{command}"
    ):
        await quotes.get("random")


def test_without_packages_neither_is_asked_for(monkeypatch):
    monkeypatch.setattr(codings, "_first_of", lambda *_: None)
    assert list(codings._installed()) == ["gzip", "deflate"]


def test_a_package_without_a_bound_is_not_used(monkeypatch):
    class Decompressor:
        def process(self, data):
            return data

    class Old:
        """As brotli before 1.2."""

        error = ValueError

    Old.Decompressor = Decompressor
    monkeypatch.setattr(codings, "_first_of", lambda *names: Old if "brotli" in names else None)
    assert list(codings._installed()) == ["gzip", "deflate"]
