"""A stream that is passed on, and whose upstream fails in the middle."""

import logging

import pytest
from django.http import StreamingHttpResponse
from django.urls import path
from upstreams.asgi.application import get_asgi_application
from upstreams.asgi.http_protocol import HTTPProtocol
from upstreams.core.errors import UpstreamError
from upstreams.testing.lifespan import run_lifespan
from uvicorn.protocols.http.h11_impl import H11Protocol

from asgi.raw_http import head, serving


async def chunks(error):
    yield b"first"
    raise error


async def cut(request):
    return StreamingHttpResponse(chunks(UpstreamError("the connection was lost")))


async def broken(request):
    return StreamingHttpResponse(chunks(ValueError("a bug")))


class urls_of_test:
    urlpatterns = (path("cut", cut), path("broken", broken))


@pytest.mark.parametrize("fast_path", [True, False])
@pytest.mark.parametrize("protocol", [HTTPProtocol, H11Protocol])
@pytest.mark.parametrize(
    ("line", "logged"), [(b"GET /cut HTTP/1.1", "WARNING"), (b"GET /broken HTTP/1.1", "ERROR")]
)
async def test_a_cut_stream_is_one_warning_and_a_bug_an_error(
    settings, upstreams, caplog, fast_path, protocol, line, logged
):
    settings.ROOT_URLCONF, settings.UPSTREAMS_FAST_PATH = urls_of_test, fast_path
    application = get_asgi_application()
    async with run_lifespan(application), serving(application, protocol) as server:
        received = await server.ask(head(line))
    assert b"first" in received
    assert not received.endswith(b"0\r\n\r\n")  # the client sees that it is not complete
    said = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert [(one.levelname, one.exc_info is None) for one in said] == [(logged, logged == "WARNING")]
