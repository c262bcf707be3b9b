"""What middleware adds to a request is there when it is read, as in stock Django, and not before."""

import copy

import pytest
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost, ImproperlyConfigured
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse
from upstreams.fastpath import middleware
from upstreams.fastpath.request import Request

SCOPE = {"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": []}


@pytest.fixture
async def request_of():
    """The request as a view gets it, and what stock Django makes of such a one."""

    async def through(*layers, request):
        async def view(request):
            return HttpResponse()

        for layer in reversed(layers):
            view = layer(view)
        await view(request)
        return request

    return through


@pytest.fixture
async def request_(request_of):
    layers = (middleware.SessionMiddleware, middleware.AuthenticationMiddleware, middleware.MessageMiddleware)
    return await request_of(*layers, request=Request(SCOPE, None))


async def test_nothing_is_made_before_it_is_read(request_):
    assert {"user", "auser", "_messages"} & set(vars(request_)) == set()


async def test_user_and_messages_are_made_when_they_are_read(request_):
    assert hasattr(request_, "user")
    assert isinstance(await request_.auser(), AnonymousUser)
    messages.info(request_, "hello")
    assert [message.message for message in messages.get_messages(request_)] == ["hello"]


async def test_what_is_read_twice_is_the_same(request_):
    assert request_._messages is request_._messages


async def test_what_a_project_has_set_itself_stays(request_):
    mine = request_.user = AnonymousUser()
    await request_.auser()
    assert request_.user is mine


async def test_a_copy_has_them_too(request_):
    assert isinstance(await copy.copy(request_).auser(), AnonymousUser)


async def test_nobody_is_promised_what_no_middleware_adds():
    with pytest.raises(AttributeError, match="'Request' object has no attribute 'user'"):
        _ = Request(SCOPE, None).user


async def test_that_there_is_no_session_is_said_before_the_user_is_read(request_of):
    with pytest.raises(ImproperlyConfigured, match="requires session middleware"):
        await request_of(middleware.AuthenticationMiddleware, request=Request(SCOPE, None))


async def test_a_request_of_another_kind_gets_them_at_once(request_of):
    plain = HttpRequest()
    plain.session = {}
    await request_of(middleware.AuthenticationMiddleware, middleware.MessageMiddleware, request=plain)
    assert {"user", "auser", "_messages"} <= set(vars(plain))


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("allowed", [[], ["*"], ["example.com"], [".example.com", "[::1]"]], ids=str)
@pytest.mark.parametrize(
    "host",
    ["example.com", "EXAMPLE.com.:80", "a.example.com", "other.com", "localhost", "[::1]:80", "a b", ""],
)
def test_a_host_is_allowed_where_stock_django_allows_it(settings, debug, allowed, host):
    def asked(kind):
        try:
            return kind({**SCOPE, "headers": [(b"host", host.encode())]}, None).get_host()
        except DisallowedHost as error:
            return str(error)

    settings.DEBUG, settings.ALLOWED_HOSTS = debug, allowed
    assert asked(Request) == asked(Request) == asked(ASGIRequest)
