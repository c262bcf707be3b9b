"""Every layer of the factory and every part of its lifespan, in order, and where each takes its figures from."""

from contextlib import asynccontextmanager, contextmanager

import django
import pytest
from django.apps import apps
from starlette.middleware.cors import CORSMiddleware
from upstreams import open_clients
from upstreams.asgi import application as factory
from upstreams.asgi import loop_watchdog, metrics
from upstreams.asgi.access_log import AccessLog
from upstreams.asgi.admission import Admission
from upstreams.asgi.application import get_asgi_application
from upstreams.asgi.forwarded_headers import ForwardedHeaders
from upstreams.asgi.graceful_shutdown import GracefulShutdown
from upstreams.asgi.health import HealthProbes
from upstreams.asgi.lifespan import Lifespan, _name
from upstreams.asgi.metrics_endpoint import MetricsEndpoint
from upstreams.asgi.static import Static
from upstreams.asgi.stock_handler import StockHandler
from upstreams.asgi.stock_threads import StockThreads
from upstreams.clients import metrics_sampler
from upstreams.fastpath.handler import Handler
from upstreams.fastpath.thread_pool import ThreadPool

OUTER = [Lifespan, HealthProbes, MetricsEndpoint, GracefulShutdown]
FAST = [ThreadPool, Handler]
STOCK = [StockThreads, StockHandler]


class Traces:
    """In place of the layer that is there where traces are on."""

    def __init__(self, app):
        self._app = app


def layers(layer):
    """Return the types of the layers, from the outside in."""
    found = []
    while layer is not None:
        found.append(type(layer))
        layer = getattr(layer, "_app", None) or getattr(layer, "app", None)  # Starlette's
    return found


@pytest.mark.parametrize(("fast_path", "django_app"), [(True, FAST), (False, STOCK)])
def test_the_layers_have_this_order(settings, monkeypatch, tmp_path, fast_path, django_app):
    monkeypatch.setattr(factory, "trace_requests", Traces)
    settings.UPSTREAMS_FAST_PATH = fast_path
    settings.UPSTREAMS_FORWARDED_ALLOW_IPS = ["10.0.0.0/8"]
    settings.UPSTREAMS_CORS_ALLOWED_ORIGINS = ["https://app.test"]
    settings.STATIC_ROOT, settings.STATIC_URL = tmp_path, "/files/"
    middle = [ForwardedHeaders, Traces, AccessLog, CORSMiddleware, Admission, Static]
    assert layers(get_asgi_application()) == [*OUTER, *middle, *django_app]


@pytest.mark.parametrize(
    ("debug", "root", "url"), [(True, "files", "/files/"), (False, None, "/files/"), (False, "files", None)]
)
def test_what_no_setting_asks_for_is_no_layer(settings, tmp_path, debug, root, url):
    settings.UPSTREAMS_FAST_PATH = True
    settings.DEBUG = debug
    settings.STATIC_ROOT, settings.STATIC_URL = root and tmp_path / root, url
    assert layers(get_asgi_application()) == [*OUTER, AccessLog, Admission, *FAST]


@contextmanager
def resource():
    yield


def test_the_lifespan_has_this_order(settings):
    settings.UPSTREAMS_FAST_PATH = True
    application = get_asgi_application([open_clients, resource])
    assert [_name(context) for context in application._contexts] == [
        "watch_parent",
        "flush_on_exit",
        "GracefulShutdown.handle_sigterm",
        "_watch_loop",
        "sample_metrics",
        "ThreadPool.keep_threads",
        "open_clients",
        "resource",
        "UpstreamsPageConfig.run_in_worker",
        "Readiness.run_checks",
        "freeze_gc",
        "Admission.wait_for_requests",
    ]


def test_apps_are_set_up_without_a_script_prefix_as_django_does(monkeypatch):
    given = []
    monkeypatch.setattr(apps, "ready", False)
    monkeypatch.setattr(django, "setup", lambda **options: given.append(options))
    get_asgi_application()
    assert given == [{"set_prefix": False}]


def test_urls_that_cannot_be_imported_are_found_at_once(settings):
    settings.ROOT_URLCONF = "testproject.no_such_urls"
    with pytest.raises(ModuleNotFoundError):
        get_asgi_application()


async def test_the_watchdog_has_the_figures_of_the_settings(serve, settings, monkeypatch):
    given = []

    @asynccontextmanager
    async def watch_loop(*arguments, debug):
        given.extend([*arguments, debug])
        yield

    monkeypatch.setattr(loop_watchdog, "watch_loop", watch_loop)
    settings.UPSTREAMS_TIMEOUTS = {
        **settings.UPSTREAMS_TIMEOUTS,
        "LOOP_STALL_WARNING": 0.7,
        "LOOP_STALL_EXIT": 9,
    }
    settings.DEBUG = True
    async with serve():
        pass
    assert given == [0.7, 9.0, metrics.loop_lag, True]


@pytest.mark.parametrize(("debug", "status"), [(True, 200), (False, 404)])
async def test_metrics_are_public_under_debug_alone(serve, settings, debug, status):
    settings.DEBUG = debug
    settings.UPSTREAMS_METRICS_TOKEN = "token"
    async with serve() as client:
        assert (await client.get("/metrics")).status_code == status


async def test_a_scrape_samples_first(serve, settings, monkeypatch):
    sampled = []
    monkeypatch.setattr(metrics_sampler, "sample", lambda: sampled.append("sampled"))
    settings.UPSTREAMS_METRICS_TOKEN = "token"
    async with serve() as client:
        before = len(sampled)
        await client.get("/metrics", headers={"Authorization": "Bearer token"})
        assert len(sampled) == before + 1
