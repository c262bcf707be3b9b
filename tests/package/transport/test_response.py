"""Responses are parsed the same, however they are split on arrival."""

import random

import pytest
from upstreams.transport.response import MAX_FIELDS, MAX_HEAD_SIZE, IncomingResponse

from transport.responses import (
    BAD,
    BROKEN,
    CHUNKED,
    GOOD,
    OK,
    ONE,
    read,
)

ALL = {**GOOD, **BAD}
every = pytest.mark.parametrize("name", ALL)


def halves(raw):
    return [[raw[:at], raw[at:]] for at in range(1, len(raw))]


def shreds(raw):
    draw = random.Random(len(raw))
    cuts = [sorted(draw.sample(range(len(raw)), min(len(raw), 5))) for _ in range(50)]
    return [[raw[start:end] for start, end in zip([0, *at], [*at, len(raw)], strict=True)] for at in cuts]


@every
def test_a_response_is_parsed(name):
    raw, expected = ALL[name]
    assert read([raw]) == expected


@every
def test_it_is_the_same_in_two_pieces(name):
    raw, expected = ALL[name]
    assert [pieces for pieces in halves(raw) if read(pieces) != expected] == []


@every
def test_it_is_the_same_in_many_pieces(name):
    raw, expected = ALL[name]
    bytes_alone = [raw[at : at + 1] for at in range(len(raw))]
    assert [pieces for pieces in [*shreds(raw), bytes_alone] if read(pieces) != expected] == []


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        (b"content-length: 5\r\n\r\n", (200, b"", True)),
        (b"content-length: 0\r\n\r\n", (200, b"", True)),
        (b"content-length: 5\r\n\r\nhello", (200, b"", False)),
        (b"content-length: 5\r\n\r\n" + OK + ONE, (200, b"", False)),
        (b"transfer-encoding: chunked\r\n\r\n", (200, b"", True)),
        (b"transfer-encoding: chunked\r\n\r\n0\r\n\r\n", (200, b"", False)),
        (b"\r\n", (200, b"", True)),
        (b"content-length: 5\r\ncontent-length: 5\r\n\r\n", (200, b"", True)),
        (b"content-length: 5\r\ncontent-length: 5\r\n\r\nhello", (200, b"", False)),
        (b"connection: x, Close\r\n\r\n", (200, b"", False)),
    ],
)
def test_head_has_no_body(rest, expected):
    assert {read(pieces, "HEAD") for pieces in [[OK + rest], *halves(OK + rest)]} == {expected}


def test_headers_are_as_they_came():
    response = IncomingResponse("GET")
    response.feed(OK + b"X-One:  a b \t\r\nset-cookie: 1\r\nSet-Cookie: 2\r\nempty:\r\nlatin: \xe9\r\n" + ONE)
    assert response.fields == [
        (b"X-One", b"a b"),
        (b"set-cookie", b"1"),
        (b"Set-Cookie", b"2"),
        (b"empty", b""),
        (b"latin", b"\xe9"),
        (b"content-length", b"1"),
    ]


def test_a_repeated_length_is_one_header():
    response = IncomingResponse("GET")
    response.feed(OK + b"a: b\r\ncontent-length: 1\r\nc: d\r\n" + ONE)
    assert response.fields == [(b"a", b"b"), (b"Content-Length", b"1"), (b"c", b"d")]
    assert (response.reason, response.take()) == (b"OK", b"a")


def test_a_trailer_is_no_header():
    response = IncomingResponse("GET")
    response.feed(CHUNKED + b"0\r\nx: y\r\n\r\n")
    assert response.fields == [(b"transfer-encoding", b"chunked")]


def test_a_body_is_taken_once():
    response = IncomingResponse("GET")
    response.feed(CHUNKED + b"1\r\na\r\n1\r\nb\r\n")
    assert (response.size, response.take(), response.size, response.take()) == (2, b"ab", 0, b"")


HUGE = b"x" * (MAX_HEAD_SIZE + 1)


@pytest.mark.parametrize(
    "pieces",
    [
        [OK + b"a: " + HUGE],
        [OK + b"a: " + HUGE + b"\r\n" + ONE],
        [OK + b"content-length: 1\r\n" * 2, *[b"a: b\r\n"] * 20_000],
        [OK + HUGE + b": a\r\n" + ONE],
        [b"HTTP/1.1 200 " + HUGE],
        [OK, *[b"a: " + b"x" * 1000 + b"\r\n"] * 100],
        [OK + b"a: b\r\n" * MAX_FIELDS + ONE],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * 3000,
        [CHUNKED + b"1\r\na\r\n0\r\n", b"a: ", HUGE],
        [CHUNKED + b"1\r\na\r\n0\r\n", *[b"a: b\r\n"] * 20_000],
        [CHUNKED + b"1;", HUGE],
        [CHUNKED, *[b"0" * 1000] * 100],
    ],
    ids=[
        "a header", "a whole header", "after a length twice", "a name", "a reason", "headers", "a number of headers", "many 100s",
        "a trailer", "trailers", "an extension of a chunk", "the size of a chunk",
    ],
)  # fmt: skip
def test_everything_but_the_body_has_a_limit(pieces):
    assert read(pieces) == BROKEN


def test_a_body_has_no_limit():
    assert read([OK + b"content-length: 1048576\r\n\r\n", *[b"x" * 65536] * 16]) == (200, b"x" * 2**20, True)


def test_a_large_body_beside_its_head_is_no_large_head():
    assert read([OK + b"content-length: 65537\r\n\r\n" + HUGE]) == (200, HUGE, True)
