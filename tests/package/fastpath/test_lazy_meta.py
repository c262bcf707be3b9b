"""A request whose META is read late has the attributes of Django's own, in whatever order they are read."""

from io import BytesIO
from itertools import permutations

import pytest
from django.core.exceptions import BadRequest, DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from django.test import override_settings
from upstreams.fastpath.request import Request

HOST = (b"host", b"testserver:8000")
SCOPES = {
    "plain": {},
    "no header": {"headers": []},
    "two hosts": {"headers": [HOST, (b"host", b"other")]},
    "an empty host": {"headers": [(b"host", b"")]},
    "a foreign host": {"headers": [(b"host", b"evil.test")]},
    "a proxied host": {"headers": [HOST, (b"x-forwarded-host", b"front.test")]},
    "cookies": {"headers": [HOST, (b"cookie", b"a=1; b=2; ")]},
    "two cookies": {"headers": [HOST, (b"cookie", b"a=1"), (b"cookie", b"b=2")]},
    "an empty cookie": {"headers": [HOST, (b"cookie", b"")]},
    "latin": {"headers": [HOST, (b"x-name", b"\xe9"), (b"cookie", b"a=\xe9")]},
    "underscores": {"headers": [HOST, (b"x_name", b"1"), (b"x-name", b"2"), (b"x-name", b"3")]},
    "json": {"method": "POST", "headers": [HOST, (b"content-type", b"application/json; charset=latin-1")]},
    "an unknown charset": {"headers": [HOST, (b"content-type", b"text/plain; charset=none")]},
    "a broken type": {"headers": [HOST, (b"content-type", b"text/plain; a*b=c")]},
    "a form": {
        "method": "post",
        "headers": [HOST, (b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"3")],
    },
    "a query": {"query_string": b"a=1&a=2&b=%C3%A9"},
    "a raw query": {"query_string": "a=é".encode()},
    "a broken query": {"query_string": b"a=\xff"},
    "below a path": {"root_path": "/api", "path": "/api/quotes"},
    "below another path": {"root_path": "/api/", "path": "/quotes"},
    "no client": {"client": None, "server": None},
    "a socket": {"client": ["", 0], "server": ["/run/socket", None]},
    "tls": {"scheme": "https"},
}
READS = {
    "META": lambda request: request.META,
    "COOKIES": lambda request: request.COOKIES,
    "get_host": lambda request: request.get_host(),
    "GET": lambda request: dict(request.GET),
    "headers": lambda request: dict(request.headers),
    "encoding": lambda request: request.encoding,
    "type": lambda request: (request.content_type, request.content_params),
    "POST": lambda request: dict(request.POST),
    "path": lambda request: (request.path, request.path_info, request.script_name, request.method),
    "url": lambda request: (request.scheme, request.get_full_path(), request.get_port()),
    "more": lambda request: (request.resolver_match, request.body, str(request.accepted_types)),
}
ORDERS = [*permutations(("META", "COOKIES", "get_host", "GET"))]


def scope_of(more):
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/quotes/random",
        "query_string": b"",
        "headers": [HOST],
    }
    return scope | {"scheme": "http", "client": ["10.0.0.1", 5], "server": ["127.0.0.1", 80]} | more


def read(kind, more, order):
    try:
        request = kind(scope_of(more), BytesIO(b"a=1"))
    except (BadRequest, UnicodeDecodeError) as error:
        return str(error)
    found = []
    for name in (*order, *READS):
        try:
            found.append(READS[name](request))
        except DisallowedHost as error:
            found.append(str(error))
    return found


@pytest.mark.parametrize("more", SCOPES.values(), ids=SCOPES)
def test_a_request_is_that_of_django(more):
    for order in ORDERS:
        assert read(Request, more, order) == read(ASGIRequest, more, order)


@pytest.mark.parametrize("name", ["two hosts", "a proxied host", "plain", "below a path"])
@pytest.mark.parametrize(
    "changed",
    [{"USE_X_FORWARDED_HOST": True}, {"FORCE_SCRIPT_NAME": "/api"}, {"ALLOWED_HOSTS": ["front.test"]}],
    ids=["proxied", "prefix", "hosts"],
)
def test_settings_hold_as_for_django(name, changed):
    with override_settings(**changed):
        for order in ORDERS:
            assert read(Request, SCOPES[name], order) == read(ASGIRequest, SCOPES[name], order)


def test_what_the_project_has_set_stays_when_meta_is_read():
    request = Request(scope_of({}), BytesIO(b""))
    request.path_info, request.resolver_match, request.user = "/other", "match", "me"
    request.META["REMOTE_ADDR"] = "10.9.9.9"
    assert (request.path_info, request.resolver_match, request.user) == ("/other", "match", "me")
    assert request.META["REMOTE_ADDR"] == "10.9.9.9"
    assert request.META["PATH_INFO"] == "/quotes/random"  # as in Django, which reads it first


def test_a_changed_meta_counts():
    request = Request(scope_of({}), BytesIO(b""))
    request.META.update(HTTP_HOST="testserver", HTTP_COOKIE="a=1")
    assert (request.get_host(), request.COOKIES) == ("testserver", {"a": "1"})
    request.META = {"HTTP_HOST": "testserver:81"}
    assert request.get_host() == "testserver:81"


def test_a_body_is_read_once_meta_is():
    request = Request(scope_of({"method": "POST"}), BytesIO(b"hello"))
    assert request.read(2) == b"he"
    assert request.META["REQUEST_METHOD"] == "POST"
    assert request.read() == b"llo"
