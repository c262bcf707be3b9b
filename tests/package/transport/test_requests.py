"""The bytes of a request."""

import pytest
from upstreams.core.http_messages import NO_BODY
from upstreams.testing.loopback import http_response
from upstreams.transport.request import head, sized, streamed


def test_a_head_is_a_request_line_and_headers():
    assert (
        head("GET", b"/a?b", [(b"Host", b"x"), (b"X-A", b"")])
        == b"GET /a?b HTTP/1.1\r\nHost: x\r\nX-A: \r\n\r\n"
    )


@pytest.mark.parametrize(
    ("method", "target", "field"),
    [
        ("GET", b"/", (b"a", b"b\r\nc: d")),
        ("GET", b"/", (b"a", b"b\n")),
        ("GET", b"/", (b"a", b"b\r")),
        ("GET", b"/", (b"a", b"b\0")),
        ("GET", b"/", (b"a: b\r\nc", b"d")),
        ("GET", b"/ HTTP/1.1\r\na: b", (b"a", b"b")),
        ("GET / HTTP/1.1\r\na: b", b"/", (b"a", b"b")),
        ("GET", b"/ b", (b"a", b"b")),
        ("GET /x", b"/", (b"a", b"b")),
    ],
)
def test_nothing_ends_its_line(method, target, field):
    with pytest.raises(ValueError, match="take it out"):
        head(method, target, [field])


def test_a_method_is_ascii():
    with pytest.raises(ValueError, match="ascii"):
        head("GÉT", b"/", [])


@pytest.mark.parametrize(
    ("given", "size", "fields"),
    [
        ([], 0, []),
        ([], 3, [(b"Content-Length", b"3")]),
        ([(b"content-length", b"0")], 0, [(b"content-length", b"0")]),
        ([(b"content-length", b"9"), (b"a", b"b")], 3, [(b"content-length", b"3"), (b"a", b"b")]),
        ([(b"content-length", b"3"), (b"Content-Length", b"4")], 3, [(b"content-length", b"3")]),
        ([(b"Transfer-Encoding", b"chunked")], 3, [(b"Content-Length", b"3")]),
    ],
)
def test_a_body_that_is_known_has_its_own_length_and_no_other(given, size, fields):
    assert sized(given, size) == fields


@pytest.mark.parametrize(
    ("given", "fields", "size"),
    [
        ([], [(b"Transfer-Encoding", b"chunked")], None),
        ([(b"transfer-encoding", b"gzip, chunked")], [(b"Transfer-Encoding", b"chunked")], None),
        ([(b"content-length", b"3"), (b"transfer-encoding", b"chunked")], [(b"content-length", b"3")], 3),
    ],
)
def test_a_body_that_is_not_known_is_framed_once(given, fields, size):
    assert streamed(given) == (fields, size)


@pytest.mark.parametrize("lengths", [[b"1", b"1"], [b"-1"], [b"+1"], [b""], [b"1, 1"], [b"\xb2"]])
def test_a_length_is_one_number(lengths):
    with pytest.raises(ValueError, match="Content-Length must be one number"):
        streamed([(b"Content-Length", length) for length in lengths])


async def test_who_asks_is_said_unless_told_otherwise(transport, ask, loopback):
    loopback.on("/x", http_response(b""))
    await ask(transport)
    await ask(transport, headers={"user-agent": "mine", "ACCEPT": "text/plain"})
    unsaid, said = (request.headers for request in loopback.requests)
    assert unsaid["user-agent"].startswith("python-httpx")
    assert (unsaid["accept"], unsaid["host"]) == ("*/*", loopback.url.removeprefix("http://"))
    assert (said["user-agent"], said["accept"]) == ("mine", "text/plain")
    assert "connection" not in unsaid


@pytest.mark.parametrize("headers", [{"Content-Length": "5"}, {"transfer-encoding": "chunked"}])
async def test_no_header_gives_a_body_to_a_request_without_one(transport, ask, loopback, headers):
    loopback.on("/x", http_response(b"a"))
    assert await ask(transport, body=NO_BODY, headers=headers) == b"a"
    sent = loopback.requests[0].headers
    assert (sent.get("content-length", "0"), "transfer-encoding" in sent) == ("0", False)


async def test_a_connection_that_is_not_used_again_says_so(make_transport, ask, loopback):
    loopback.on("/x", http_response(b""))
    await ask(make_transport(REUSE_CONNECTIONS=False))
    assert loopback.requests[0].headers["connection"] == "close"
