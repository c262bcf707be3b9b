import pytest
from testproject.asgi import application
from upstreams.asgi.request_traces import record_requests, traced
from upstreams.contrib.waterfall.summary import summary
from upstreams.core.request_trace import RequestTrace, recent


@pytest.fixture(autouse=True)
def debug(settings):
    """Calls are recorded, and no other test's are."""
    settings.DEBUG = True
    recent.clear()


@pytest.fixture
def urls(settings):
    """The URLs of the test project, those of the page, and a few more."""
    settings.ROOT_URLCONF = "traces.urls"


@pytest.fixture
def asgi_application(urls):
    """The application of the test project, which was made without DEBUG, inside the layer that it has with it."""
    recorded = record_requests(application)

    async def app(scope, receive, send):
        await (recorded if scope["type"] == "http" else application)(scope, receive, send)

    return app


@pytest.fixture
def trace(lifespan):
    """What a test's own calls are recorded in, as those of a request."""
    trace = RequestTrace("GET", "/mine")
    with traced(trace):
        yield trace


@pytest.fixture
def calls(trace):
    """What is shown of them."""
    return lambda: summary(trace)["calls"]
