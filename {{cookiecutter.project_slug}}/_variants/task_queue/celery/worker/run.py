"""A worker process: Celery's, with our logs, our grace and our upstreams."""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any, Literal

from celery import signals
from celery.utils.dispatch import Signal
from django.conf import settings
from django.tasks import task_backends

from server.flushing import flush
from worker import prefork
from worker.backend import CeleryBackend
from worker.broker import UNUSABLE
from worker.keeper import Keeper

logger = logging.getLogger(__name__)

Pool = Literal["threads", "prefork"]
AGAIN = 1.0
"""Seconds between two looks for a broker, when there is none."""


class Worker:
    """Runs tasks until SIGTERM.

    Args:
        backend: the key in `settings.TASKS`.
        pool: what runs them, threads of this process, or processes of its own.
        concurrency: how many at once.
    """

    def __init__(self, backend: str, pool: Pool, concurrency: int) -> None:
        found = task_backends[backend]
        assert isinstance(found, CeleryBackend)  # noqa: S101 - what else there is needs no worker # nosec B101
        self._broker = broker = found.broker
        self._pool = pool
        self._concurrency = concurrency
        self._keeper = Keeper(broker)
        self._is_told = False

    def is_ready(self) -> bool:
        """Whether it takes tasks: it was not told to stop, and the broker answers."""
        return not self._is_told and self._keeper.reaches_broker

    def run(self) -> int:
        """Work; the exit code of the process is returned. A broker that is away is waited for."""
        self._wait_for_broker()
        prefork.forget_databases()
        handlers: list[tuple[Signal, Callable[..., None]]] = [
            (signals.setup_logging, _quiet),
            (signals.worker_ready, self._ready),
            (signals.worker_shutting_down, self._told),
            (signals.worker_process_init, prefork.begin),
            (signals.worker_process_shutdown, prefork.end),
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
            except UNUSABLE as error:
                if not is_said:
                    what = "no broker answers at %s, which is waited for (%s): start one, or set BROKER_URL"
                    logger.error(what, self._broker.where, error)
                is_said = True
            time.sleep(AGAIN)

    def _ready(self, sender: Any, **_: Any) -> None:
        logger.info("worker %s: looking for tasks", sender.hostname)
        self._keeper.consumer = sender
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
    logger.error("the tasks in hand took longer than SERVER_GRACE: other workers try them again")
    flush()
    logging.shutdown()
    os._exit(1)


def _quiet(**_: Any) -> None:
    # settings.LOGGING says how; of an attempt, worker/attempts.py says what became of it.
    logging.getLogger("celery").setLevel(logging.WARNING)
