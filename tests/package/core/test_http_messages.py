"""Messages that are made without the library's constructors are those that its constructors make."""

import pickle

import pytest
from upstreams.clients.request_builder import build_request
from upstreams.core import context
from upstreams.core.call import Call
from upstreams.core.errors import UnsafeRequest
from upstreams.core.http_messages import NO_BODY, has_header, headers_of, items_of, request_of, response_of
from upstreams.core.httpx import Headers, Request, Response, httpx

FIELDS = [(b"Content-Type", b"text/plain"), (b"X-Name", b"Jos\xc3\xa9"), (b"x-name", b"b")]
ITEMS = [(name, name.lower(), value) for name, value in FIELDS]
URL = httpx.URL("https://a.test/v1/random?a=1")


def set_by(made):
    """All attributes, with headers as what they hold."""
    return {name: vars(value) if isinstance(value, Headers) else value for name, value in vars(made).items()}


@pytest.mark.parametrize("encoding", [None, "ascii"])
def test_headers_have_all_that_the_constructor_sets(encoding):
    assert vars(headers_of(ITEMS, encoding)) == vars(Headers(FIELDS, encoding))
    assert headers_of(ITEMS)["x-NAME"] == Headers(FIELDS)["X-Name"] == "José, b"


def test_items_are_those_that_the_library_reads():
    headers = Headers(FIELDS)
    assert items_of(headers) == ITEMS
    items_of(headers).append((b"X-New", b"x-new", b"1"))
    assert (headers["X-New"], headers.raw[-1]) == ("1", (b"X-New", b"1"))
    assert (has_header(headers, b"x-new"), has_header(headers, b"x-other")) == (True, False)


def test_a_request_has_all_that_the_constructor_sets():
    extensions = {"call": 1}
    made = request_of("GET", URL, Headers(FIELDS), extensions)
    assert set_by(made) == set_by(Request("GET", URL, headers=FIELDS, extensions=extensions, stream=NO_BODY))
    assert made.read() == b""


def test_a_response_has_all_that_the_constructor_sets():
    stream = httpx.ByteStream(b"a")
    made = response_of(200, headers_of(ITEMS), stream, {"reason_phrase": b"Fine"})
    other = Response(200, headers=FIELDS, stream=stream, extensions={"reason_phrase": b"Fine"})
    assert set_by(made) == set_by(other)
    assert (made.read(), made.text, made.reason_phrase) == (b"a", "a", "Fine")


def test_a_response_survives_pickling_as_the_others_do():
    made = response_of(404, headers_of(ITEMS), httpx.ByteStream(b"a"), {})
    made.read()
    made.request = request_of("GET", URL, Headers(FIELDS), {})
    found = pickle.loads(pickle.dumps(made))
    assert (found.status_code, found.content, found.headers) == (404, b"a", made.headers)
    assert (found.request.url, found.request.method) == (URL, "GET")


@pytest.fixture
def call(settings):
    settings.UPSTREAMS = {
        "a": {"BASE_URL": "https://a.test/v1", "HEADERS": {"X-Request-Id": "own", "X-A": "b"}}
    }
    return Call("a", "GET", "random")


@pytest.fixture
def set_request_id():
    before = context.request_id.set(None)
    yield context.request_id.set
    context.request_id.reset(before)


@pytest.mark.parametrize(
    "given", [{}, {"params": {"a": 1}}, {"params": {}}, {"headers": {"x-request-id": "mine", "x-b": "c"}}]
)
def test_a_get_is_sent_as_the_constructor_makes_it(call, set_request_id, given):
    set_request_id("1\t2")
    headers = Headers({"host": "a.test", "x-a": "b", "x-request-id": "1\t2", **given.get("headers", {})})
    params = given.get("params")
    made = build_request(call, **given)
    other = Request("GET", "https://a.test/v1/random", params=params, headers=headers)
    assert (made.method, made.url, made.headers) == (other.method, other.url, other.headers)
    assert (made.url.raw_path, made.headers.encoding) == (other.url.raw_path, "ascii")


def test_without_the_id_of_a_request_none_is_sent(call, set_request_id):
    assert "X-Request-ID" not in build_request(call).headers


@pytest.mark.parametrize("request_id", ["a\r\nX-Admin: 1", "\x7f", "José"])
def test_an_id_that_would_end_its_line_is_refused(call, set_request_id, request_id):
    set_request_id(request_id)
    with pytest.raises(UnsafeRequest, match="header 'x-request-id' must hold printable ASCII"):
        build_request(call)


def test_no_call_changes_the_headers_of_another_one(call, set_request_id):
    set_request_id("1")
    made = build_request(call)
    made.headers["X-A"] = "changed"
    items_of(made.headers).clear()
    assert build_request(call).headers == Headers({"host": "a.test", "x-a": "b", "x-request-id": "1"})
