from importlib import import_module
from importlib.util import find_spec

import pytest

from sdks.clients import Clients
from sdks.vendors import serving_vendors


@pytest.fixture(params=["async", "another loop", "sync"])
def way(request):
    return request.param


@pytest.fixture(params=[name for name in ("httpx2", "httpx") if find_spec(name)])
def library(request):
    return import_module(request.param)


@pytest.fixture
def clients(request, library, way):
    """Clients of both libraries; they lead to `loopback` if the test uses it."""
    is_real = "loopback" in request.fixturenames
    return Clients(
        library, way, request.getfixturevalue("loopback").url if is_real else "http://quotes.test/v1"
    )


@pytest.fixture
def vendors():
    with serving_vendors() as server:
        yield server
