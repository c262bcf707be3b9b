"""A worker process: Celery's, with our logs, our grace and our upstreams."""

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from celery import signals
from celery.utils.dispatch import Signal
from django.conf import settings
from django.db import connections as databases
from django.tasks import task_backends
from kombu.exceptions import OperationalError

from server.flushing import flushed
from services.core import portal
from worker.backend import CeleryBackend
from worker.keeper import Keeper

logger = logging.getLogger(__name__)

Pool = Literal["threads", "prefork"]
AGAIN = 1.0
"""Seconds between two looks for a broker, when there is none."""
_stock: Any = signal.SIG_DFL


class Worker:
    """Runs tasks until SIGTERM.

    Args:
        backend: the key in `settings.TASKS`.
        pool: what runs them, threads of this process, or processes of its own.
        concurrency: how many at once.
    """

    def __init__(self, backend: str, pool: Pool, concurrency: int) -> None:
        found = task_backends[backend]
        assert isinstance(found, CeleryBackend)  # noqa: S101 - what else there is needs no worker
        self._broker = broker = found.broker
        self._pool = pool
        self._concurrency = concurrency
        self._keeper = Keeper(broker)
        self._is_told = False

    @property
    def is_ready(self) -> bool:
        """Whether it takes tasks: it was not told to stop, and the broker answers."""
        return not self._is_told and self._keeper.reaches_broker

    def run(self) -> int:
        """Work; the exit code of the process is returned. A broker that is away is waited for."""
        self._wait_for_broker()
        _forget_databases()
        handlers: list[tuple[Signal, Callable[..., None]]] = [
            (signals.setup_logging, _quiet),
            (signals.worker_ready, self._ready),
            (signals.worker_shutting_down, self._told),
            (signals.worker_process_init, _begin_process),
            (signals.worker_process_shutdown, _end_process),
        ]
        for sent, handler in handlers:
            sent.connect(handler, weak=False)
        worker = self._broker.app.Worker(
            pool=self._pool,
            concurrency=self._concurrency,
            optimization="fair",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=True,
            quiet=True,
            hostname=f"worker-{os.getpid()}@",
        )
        worker.start()
        return worker.exitcode or 0

    def _wait_for_broker(self) -> None:
        is_said = False
        while True:
            try:
                with self._broker.app.connection_for_read() as connection:
                    connection.ensure_connection(max_retries=1, interval_start=0)
                return
            except OperationalError as error:
                if not is_said:
                    what = "no broker answers at %s, which is waited for (%s): start one, or set BROKER_URL"
                    logger.error(what, self._broker.where, error)
                is_said = True
            time.sleep(AGAIN)

    def _ready(self, sender: Any, **_: Any) -> None:
        logger.info("worker %s: looking for tasks", sender.hostname)
        self._keeper.consumer = sender
        self._keeper.reaches_broker = True
        if not self._keeper.is_alive():
            self._keeper.start()

    def _told(self, **_: Any) -> None:
        # The one in hand has SERVER_GRACE seconds, or none after a second signal.
        seconds = 0 if self._is_told else settings.TIMEOUTS["SERVER_GRACE"]
        self._is_told = True
        grace = threading.Timer(seconds, _give_up)
        grace.daemon = True
        grace.start()


def _give_up() -> None:
    # Its broker gives the tasks in hand to others. Processes of a pool die with this one.
    logger.error("a task in hand took longer than SERVER_GRACE: another worker tries it again")
    logging.shutdown()
    os._exit(1)


def _quiet(**_: Any) -> None:
    # settings.LOGGING says how; of an attempt, worker/attempts.py says what became of it.
    logging.getLogger("celery").setLevel(logging.WARNING)


def _forget_databases() -> None:
    # A connection, and the threads of a pool, would not survive a fork.
    for database in databases.all(initialized_only=True):
        database.close()
        if hasattr(database, "close_pool"):
            database.close_pool()


def _begin_process(**_: Any) -> None:
    signals.task_prerun.connect(_hold_on)
    signals.task_postrun.connect(_let_go)


def _hold_on(**_: Any) -> None:
    # A supervisor may send SIGTERM to all processes at once. The parent sends it when no task is in hand any more.
    global _stock
    _stock = signal.signal(signal.SIGTERM, lambda *_: None)


def _let_go(**_: Any) -> None:
    signal.signal(signal.SIGTERM, _stock)


def _end_process(**_: Any) -> None:
    # Processes of a pool end without `atexit`.
    with flushed():
        portal.close()
