"""Builds the ASGI application: Django inside the layers of this package, with one lifespan around all of them."""

import os
import tempfile
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager, nullcontext, suppress
from functools import partial
from pathlib import Path

import django
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.urls import get_resolver

from upstreams import conf
from upstreams.asgi import gc_tuning, loop_watchdog, metrics, parent_watch, process_exit
from upstreams.asgi.access_log import AccessLog
from upstreams.asgi.admission import Admission
from upstreams.asgi.codec_names import bound_codec_names
from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.cors import allow_origins
from upstreams.asgi.forwarded_headers import trust_proxies
from upstreams.asgi.graceful_shutdown import RELOADING, GracefulShutdown
from upstreams.asgi.health import HealthProbes
from upstreams.asgi.lifespan import Lifespan, Manager
from upstreams.asgi.metrics_endpoint import MetricsEndpoint
from upstreams.asgi.process_memory import return_large_blocks
from upstreams.asgi.readiness import Readiness
from upstreams.asgi.request_limits import RequestLimits
from upstreams.asgi.request_traces import record_requests
from upstreams.asgi.static import Static
from upstreams.asgi.stock_handler import StockHandler
from upstreams.asgi.stock_threads import StockThreads
from upstreams.clients import health_checks, metrics_sampler, misplaced, registry
from upstreams.clients.pools import open_clients
from upstreams.core.asgi_types import App
from upstreams.fastpath import check_django_version
from upstreams.fastpath.stream_cut import log_no_cuts
from upstreams.telemetry.exit_hooks import flush_on_exit
from upstreams.telemetry.trace_ids import trace_requests


def get_asgi_application(lifespan: Iterable[Callable[[], Manager]] = (open_clients,)) -> Lifespan:
    """Return the application to serve; its `lifespan` opens before the first request and closes after the last.

    Timeouts and limits are those of the settings, also when a test overrides them later. Which layers there are
    is decided here, by `UPSTREAMS_FAST_PATH`, `UPSTREAMS_CORS_ALLOWED_ORIGINS`, `UPSTREAMS_FORWARDED_ALLOW_IPS`,
    `STATIC_ROOT` and `DEBUG`.

    Args:
        lifespan: functions without arguments that return a context manager, async or sync. They open in this
            order and close in reverse. The first one is `open_clients`. After them open the methods `run_in_worker`
            of the installed apps.

    Raises:
        ImproperlyConfigured: "upstreams" is not installed, `open_clients` is not the first of the list, or a
            setting is wrong.
    """
    if not apps.ready:
        django.setup(set_prefix=False)
    if not apps.is_installed("upstreams"):
        raise ImproperlyConfigured('INSTALLED_APPS: add "upstreams"; the ASGI application needs it')
    bound_codec_names()
    log_no_cuts()
    with suppress(FileNotFoundError):  # Python looks for it once, which it cannot do without a descriptor
        tempfile.gettempdir()
    return_large_blocks()
    resources = list(lifespan)
    if not resources or resources[0] is not open_clients:
        raise ImproperlyConfigured("lifespan: the first entry must be open_clients, which all others may use")
    timeouts, limits = conf.current().timeouts, conf.current().limits

    # From the inside out: a layer sees what the layers below it send.
    django_app, keep_threads = _django()
    slots = ConcurrencyLimits(*_slots(limits))
    admission = Admission(_with_static_files(django_app), slots, _request_limits(), timeouts.client_drain)
    shared = allow_origins(admission, conf.current().cors_allowed_origins)
    logged = trace_requests(AccessLog(record_requests(shared)))
    forwarded = trust_proxies(logged, conf.current().forwarded_allow_ips)
    shutdown = GracefulShutdown(forwarded, timeouts.shutdown_delay, conf.current().drain_file)
    endpoint = MetricsEndpoint(
        shutdown, token=conf.current().metrics_token, public=settings.DEBUG, sample=metrics_sampler.sample
    )
    readiness = Readiness(lambda: conf.current().required_databases, health_checks.required)

    def is_ready() -> bool:
        can_serve = not shutdown.is_draining and registry.are_open() and readiness.is_ready
        return can_serve and why_not() is None

    def why_not() -> str | None:
        # In development, where nobody replaces the process, the log says enough.
        return slots.stuck.reason if slots.stuck.hold_all_places and not settings.DEBUG else None

    def end(reason: str) -> None:
        process_exit.exit_after(conf.current().timeouts.termination_grace_period)
        slots.end_streams()
        application.end(reason)

    def on_sigterm() -> None:
        application.cancel_startup()
        if RELOADING in os.environ:
            slots.end_streams()  # a page that stays open would hold up the reload

    # What opens first closes last: telemetry sees everything, and clients outlive the views that call them.
    application: Lifespan = Lifespan(
        HealthProbes(endpoint, is_ready, why_not),
        parent_watch.watch_parent,
        flush_on_exit,
        partial(shutdown.handle_sigterm, on_sigterm),
        _watch_loop,
        metrics_sampler.sample_metrics,
        keep_threads,
        *resources,
        *(partial(run, lambda: shutdown.is_draining) for run in _of_apps()),
        readiness.run_checks,
        partial(gc_tuning.freeze_gc, admission.garbage_watch),
        admission.wait_for_requests,
        start=timeouts.startup,
        close=timeouts.client_drain + timeouts.client_close,
    )

    slots.stuck.on_exit = end
    slots.stuck.exit_after = _stuck_exit(timeouts)

    def configure(*, setting: str, **_: object) -> None:
        if not setting.startswith("UPSTREAMS_"):
            return
        current = conf.parse()[0]  # without what is wrong: `override_settings` is no place to raise
        timeouts, limits = current.timeouts, current.limits
        slots.configure(*_slots(limits))
        slots.stuck.exit_after = _stuck_exit(timeouts)
        admission.configure(_request_limits(), timeouts.client_drain)
        shutdown.configure(timeouts.shutdown_delay, current.drain_file)
        application.configure(timeouts.startup, timeouts.client_drain + timeouts.client_close)

    # Strong, because nothing else refers to it: it lives as long as the process, as the application does.
    setting_changed.connect(configure, weak=False)
    return application


def _django() -> tuple[App, Callable[[], Manager]]:
    try:
        _ = (
            get_resolver().url_patterns
        )  # imports all views now: otherwise the first requests would wait for it
    except RuntimeError as error:
        misplaced.explain_sync_call(error)
        raise
    if not conf.current().fast_path:
        return StockThreads(StockHandler()), nullcontext
    check_django_version()
    # Imported only where it is asked for: it uses private names of one version of Django.
    from upstreams.fastpath.handler import Handler
    from upstreams.fastpath.thread_pool import ThreadPool

    threads = ThreadPool(Handler(), conf.current().limits.max_idle_threads)
    return threads, threads.keep_threads


def _of_apps() -> list[Callable[[Callable[[], bool]], Manager]]:
    """Return the methods `run_in_worker` of the apps that have one."""
    found = (getattr(config, "run_in_worker", None) for config in apps.get_app_configs())
    return [run for run in found if run is not None]


def _with_static_files(app: App) -> App:
    # Under DEBUG, Django finds them in the apps: what was collected once would be out of date.
    root, url = settings.STATIC_ROOT, settings.STATIC_URL
    if settings.DEBUG or not (root and url):
        return app
    # A relative STATIC_URL begins with FORCE_SCRIPT_NAME once that is set, which the proxy has taken from the path.
    return Static(app, Path(root), url.removeprefix((settings.FORCE_SCRIPT_NAME or "").rstrip("/")))


def _slots(limits: conf.Limits) -> tuple[int, int, int, int]:
    return limits.max_uploads, limits.max_requests, limits.max_streams, limits.max_total_body_size


def _stuck_exit(timeouts: conf.Timeouts) -> float:
    return 0 if settings.DEBUG else timeouts.stuck_requests_exit


def _request_limits() -> RequestLimits:
    current = conf.parse()[0]
    return RequestLimits(current.timeouts.request, current.limits.max_body_size, current.limits.body_timeout)


def _watch_loop() -> AbstractAsyncContextManager[None]:
    timeouts = conf.current().timeouts
    return loop_watchdog.watch_loop(
        timeouts.loop_stall_warning, timeouts.loop_stall_exit, metrics.loop_lag, debug=settings.DEBUG
    )
