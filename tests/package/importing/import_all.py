"""Imports every module of the package, and prints what that has changed in the process, by module. See test_importing.py."""

import atexit
import faulthandler
import gc
import importlib
import json
import logging
import os
import pkgutil
import signal
import sys
import threading
import warnings

import asgiref.sync
import prometheus_client.metrics
import structlog
from django.core import signals
from django.db.backends.signals import connection_created
from django.db.models.signals import post_save, pre_save

calls = []


def watch(owner, name):
    """Note each call that the package makes of a function whose effect cannot be seen afterwards."""
    original = getattr(owner, name)

    def watched(*args, **kwargs):
        if sys._getframe(1).f_globals.get("__name__", "").startswith("upstreams"):
            calls.append(f"{owner.__name__}.{name}")
        return original(*args, **kwargs)

    setattr(owner, name, watched)


def state():
    """What a library must leave alone."""
    return {
        "asgiref executors": sorted(vars(asgiref.sync.AsyncToSync.executors)),
        "asgiref executor": hasattr(asgiref.sync.AsyncToSync.executors, "current"),
        "structlog": structlog.is_configured(),
        "logging flags": [
            logging.logThreads,
            logging.logProcesses,
            logging.logMultiprocessing,
            logging.logAsyncioTasks,
        ],
        "logging classes": [logging.getLoggerClass().__name__, logging.getLogRecordFactory().__name__],
        "log levels": sorted(
            (name, one.level, len(one.handlers), len(one.filters), one.propagate)
            for name, one in logging.root.manager.loggerDict.items()
            if isinstance(one, logging.Logger)
            and (one.level or one.handlers or one.filters or not one.propagate)
        ),
        "root logger": [logging.root.level, len(logging.root.handlers)],
        "prometheus": prometheus_client.metrics._use_created,
        "environment": dict(os.environ),
        "collector": [gc.get_threshold(), gc.get_freeze_count(), gc.isenabled()],
        "signal handlers": [
            str(signal.getsignal(number)) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        ],
        "threads": threading.active_count(),
        "hooks": [sys.excepthook.__name__, threading.excepthook.__name__, faulthandler.is_enabled()],
        "warnings": sum("upstreams" in str(one) for one in warnings.filters),
        "receivers": [
            len([1 for receiver in one.receivers if "upstreams" in str(receiver)])
            for one in (
                signals.request_started,
                signals.request_finished,
                signals.setting_changed,
                connection_created,
                pre_save,
                post_save,
            )
        ],
        "calls": list(calls),
    }


def main():
    for owner, name in (
        (sys, "addaudithook"),
        (atexit, "register"),
        (os, "register_at_fork"),
        (gc, "freeze"),
        (threading, "excepthook"),
    ):
        watch(owner, name)
    # What these do to the loggers is not the package's doing.
    for name in (
        "celery.app.amqp",
        "celery.app.trace",
        "celery.worker.consumer",
        "kombu.connection",
        "kombu.transport.redis",
        "opentelemetry.sdk.trace.export",
        "psycopg",
        "sentry_sdk",
    ):
        importlib.import_module(name)
    import upstreams

    changes, needs_settings = {}, {}
    names = ["upstreams", *(found.name for found in pkgutil.walk_packages(upstreams.__path__, "upstreams."))]
    before = state()
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:  # noqa: BLE001 - without settings, models and ninja raise errors of their own
            needs_settings[name] = repr(error)
        after = state()
        if changed := [key for key in before if before[key] != after[key]]:
            changes[name] = changed
        before = after
    print(json.dumps({"changes": changes, "needs_settings": needs_settings, "modules": len(names)}))


if __name__ == "__main__":
    if "--setup" in sys.argv:
        import django

        # What the apps do when they are ready is asked for; the import of the rest is looked at.
        django.setup()
    main()
