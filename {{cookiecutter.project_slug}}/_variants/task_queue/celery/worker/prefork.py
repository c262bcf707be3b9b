"""The processes of a pool: what they must not inherit, how they are told to stop, and how they end."""

import signal
from typing import Any

from celery import signals
from django.db import connections as databases

from server.flushing import flush
from services.core import portal

_stock: Any = signal.SIG_DFL


def forget_databases() -> None:
    """Called in the parent: connections, and the threads of a pool of them, would not survive a fork."""
    for database in databases.all(initialized_only=True):
        database.close()
        if hasattr(database, "close_pool"):
            database.close_pool()


def begin(**_: Any) -> None:
    """Called in each process, before its first task."""
    signals.task_prerun.connect(_hold_on)
    signals.task_postrun.connect(_let_go)


def end(**_: Any) -> None:
    """Called at its end, which does not come to `atexit`."""
    portal.close()
    flush()


def _hold_on(**_: Any) -> None:
    # A supervisor may send SIGTERM to all processes at once. The parent sends it when no task is in hand any more.
    global _stock
    _stock = signal.signal(signal.SIGTERM, lambda *_: None)


def _let_go(**_: Any) -> None:
    signal.signal(signal.SIGTERM, _stock)
