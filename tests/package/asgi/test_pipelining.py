"""Requests on one connection: a server may start one in the context of another."""

import asyncio
import re
from importlib import import_module

import pytest
from django.http import HttpResponse
from django.urls import path
from upstreams.asgi.application import get_asgi_application
from upstreams.asgi.http_protocol import HTTPProtocol
from upstreams.core import context
from upstreams.testing.lifespan import run_lifespan
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from asgi.raw_http import head, serving


def in_a_thread(request):
    return HttpResponse(f"<{context.request_id.get()} {len(request.body)}>")


class urls_of_test:
    urlpatterns = ()


@pytest.fixture(params=[True, False], ids=["fast path", "stock"])
async def application(request, settings, upstreams):
    urls_of_test.urlpatterns = [*import_module(settings.ROOT_URLCONF).urlpatterns, path("sync", in_a_thread)]
    settings.ROOT_URLCONF = urls_of_test
    settings.UPSTREAMS_FAST_PATH = request.param
    application = get_asgi_application()
    async with run_lifespan(application):
        yield application


def ask(number, body=b"", *, close=False):
    fields = b"X-Request-ID: id-%d\r\nContent-Length: %d\r\n" % (number, len(body))
    return head(b"GET /sync HTTP/1.1", close=close, fields=fields) + body


@pytest.mark.parametrize("protocol", [HTTPProtocol, HttpToolsProtocol, H11Protocol])
@pytest.mark.parametrize("body", [b"", b"a" * 200_000], ids=["without a body", "with a body"])
@pytest.mark.parametrize("pipelined", [True, False])
async def test_a_request_has_a_context_of_its_own(application, protocol, body, pipelined):
    requests = [ask(number, body, close=number == 3) for number in range(1, 4)]
    async with serving(application, protocol) as server:
        if pipelined:
            received = await server.ask(b"".join(requests))
        else:
            reader, writer = await server.connect()
            received = b""
            for request in requests:
                writer.write(request)
                received += await asyncio.wait_for(reader.readuntil(b">"), 30)
    assert re.findall(rb"<.*>", received) == [b"<id-%d %d>" % (number, len(body)) for number in (1, 2, 3)]
