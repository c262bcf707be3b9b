"""The processes of a prefork pool: what they must not inherit, and how they handle SIGTERM and end."""

import signal
from typing import Any

from celery import signals
from django.db import connections as databases

from upstreams.clients import portal
from upstreams.telemetry.exit_hooks import flush

_default_handler: Any = signal.SIG_DFL


def close_databases() -> None:
    """Close all connections before the parent forks: neither they nor the threads of a pool survive a fork."""
    for database in databases.all(initialized_only=True):
        database.close()
        if hasattr(database, "close_pool"):
            database.close_pool()


def begin(**_: Any) -> None:
    """Prepare a process of the pool, before its first task."""
    signals.task_prerun.connect(_ignore_sigterm)
    signals.task_postrun.connect(_restore_sigterm)


def end(**_: Any) -> None:
    """Clean up in a process of the pool, which ends without calling `atexit`."""
    portal.close()
    flush()


def _ignore_sigterm(**_: Any) -> None:
    # A supervisor may send SIGTERM to all processes at once. The parent sends it when no task is running any more.
    global _default_handler
    _default_handler = signal.signal(signal.SIGTERM, lambda *_: None)


def _restore_sigterm(**_: Any) -> None:
    signal.signal(signal.SIGTERM, _default_handler)
