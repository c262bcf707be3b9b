"""What a parsed response has beside its outcome, and the limits of what is kept in memory."""

import pytest
from upstreams.transport.heads import MAX_FIELDS, MAX_HEAD_SIZE, MAX_INTERIM
from upstreams.transport.response import IncomingResponse

from transport.corpus.outcomes import CHUNKED, OK, ONE, whole
from transport.corpus.parsing import read


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
    assert response.fields == [(b"a", b"b"), (b"content-length", b"1"), (b"c", b"d")]
    assert (response.reason, response.take()) == (b"OK", b"a")


def test_a_mended_head_has_its_reason_and_its_body():
    response = IncomingResponse("GET")
    response.feed(b"HTTP/1.1 404 Not  Here\r\nX-One: b\r\n c\r\nx-two: d\x07e\r\n" + ONE)
    assert response.fields == [(b"X-One", b"b c"), (b"x-two", b"d e"), (b"content-length", b"1")]
    assert (response.reason, response.take()) == (b"Not  Here", b"a")


@pytest.mark.parametrize(
    ("heads", "reason"),
    [
        (b"HTTP/1.1 103 E\r\n\r\nRTSP/1.1 200 OK\r\n", "the status line is not valid"),
        (b"HTTP/1.1 100 C\r\n\r\n\r\nICE/1.1 200 OK\r\n", "the status line is not valid"),
        (b"HTTP/2.0 102 P\r\n\r\n" + OK, "version 2.0"),
    ],
)
def test_another_protocol_is_none_beside_an_interim_response_either(heads, reason):
    assert read([heads + ONE]).reason == read([heads, ONE]).reason == reason


@pytest.mark.parametrize("field", [b"content-length: 5", b"transfer-encoding: chunked", b"content-length: x"])
def test_no_interim_response_has_a_body(field):
    interim = b"HTTP/1.1 103 E\r\n" + field + b"\r\n\r\n"
    assert read([interim + OK + ONE]) == read([interim, OK, ONE]) == whole(b"a")


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
        [OK + b"a: b\x01", *[b"c"] * MAX_HEAD_SIZE],
        [OK + HUGE + b": a\r\n" + ONE],
        [b"HTTP/1.1 200 " + HUGE],
        [OK, *[b"a: " + b"x" * 1200 + b"\r\n"] * 100],
        [OK + b"a: b\r\n" * MAX_FIELDS + ONE],
        [b"HTTP/1.1 100 Continue\r\n\r\n"] * (MAX_INTERIM + 1),
        [CHUNKED + b"1\r\na\r\n0\r\n", b"a: ", HUGE],
        [CHUNKED + b"1\r\na\r\n0\r\n", *[b"a: b\r\n"] * 20_000],
        [CHUNKED + b"1;", HUGE],
        [CHUNKED, *[b"0" * 1200] * 100],
    ],
    ids=[
        "a header", "a whole header", "after a length twice", "after a control character", "a name", "a reason", "headers", "a number of headers", "many 100s",
        "a trailer", "trailers", "an extension of a chunk", "the size of a chunk",
    ],
)  # fmt: skip
def test_everything_but_the_body_has_a_limit(pieces):
    assert not read(pieces).status
    assert read(pieces).reason


def test_a_body_has_no_limit():
    assert read([OK + b"content-length: 1048576\r\n\r\n", *[b"x" * 65536] * 16]) == whole(b"x" * 2**20)


def test_a_large_body_beside_its_head_is_no_large_head():
    assert read([OK + b"content-length: %d\r\n\r\n" % len(HUGE) + HUGE]) == whole(HUGE)
