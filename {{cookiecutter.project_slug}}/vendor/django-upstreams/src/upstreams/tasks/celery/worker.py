"""A worker process: Celery's, with our logs, our shutdown and our upstreams."""

import logging
import os
import threading
import time
from collections.abc import Callable
from typing import Any

from amqp.exceptions import ChannelError
from celery import signals
from celery.utils.dispatch import Signal
from django.core.management.base import CommandError

from upstreams import conf
from upstreams.tasks import forks
from upstreams.tasks.celery import prefork, shared
from upstreams.tasks.celery.app import TASK_NAME
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.connections import BROKER_ERRORS
from upstreams.tasks.celery.heartbeat import Heartbeat
from upstreams.tasks.celery.outbox import Relay
from upstreams.tasks.celery.work import stopping, work
from upstreams.telemetry.exit_hooks import flush

logger = logging.getLogger(__name__)

RECONNECT_INTERVAL = 1.0
"""Seconds between two attempts to reach the broker."""


class Worker:
    """Runs tasks until SIGTERM.

    Args:
        backend: whose tasks it runs.
        pool: what runs them: `threads` of this process, or `prefork` for processes.
        concurrency: tasks at once.
    """

    def __init__(self, backend: CeleryBackend, pool: str, concurrency: int) -> None:
        self._broker = backend.broker
        self._pool = pool
        self._concurrency = concurrency
        self._heartbeat = Heartbeat(self._broker)
        self._relay = Relay(backend) if backend.outbox else None
        self._is_stopping = False

    def is_ready(self) -> bool:
        """Return whether it takes tasks: it was not asked to stop, and the broker answers."""
        return not self._is_stopping and self._heartbeat.reaches_broker

    def prepare(self) -> None:
        """Do nothing: Celery handles signals itself."""

    def run(self) -> int:
        """Run tasks until SIGTERM, and return the exit code. While the broker cannot be used, wait for it."""
        self._wait_for_broker()
        prefork.close_databases()
        forks.wait_for_locks()
        handlers: list[tuple[Signal, Callable[..., None]]] = [
            (signals.setup_logging, _quieten_celery),
            (signals.worker_ready, self._on_ready),
            (signals.worker_shutting_down, self._on_shutdown),
            (signals.worker_process_init, prefork.begin),
            (signals.worker_process_shutdown, prefork.end),
        ]
        for signal, handler in handlers:
            signal.connect(handler, weak=False)
        app = self._broker.app
        # Explicit, because a project may choose otherwise for its own tasks.
        app.task(
            name=TASK_NAME,
            bind=True,
            acks_late=True,
            acks_on_failure=False,
            acks_on_timeout=False,
            reject_on_worker_lost=True,
            ignore_result=True,
        )(work)
        shared.prepare_worker(app)
        worker = app.make_worker(
            pool=self._pool,
            concurrency=self._concurrency,
            optimization="fair",
            without_gossip=True,
            without_mingle=True,
            without_heartbeat=not app.conf.worker_send_task_events,  # Flower shows workers that have one
            quiet=True,
            hostname=f"worker-{os.getpid()}@",
        )
        worker.start()
        if self._relay is not None and self._relay.is_alive():
            self._relay.stop()
        return worker.exitcode or 0

    def _wait_for_broker(self) -> None:
        is_logged = False
        while True:
            try:
                with self._broker.app.connection_for_read() as connection:
                    connection.ensure_connection(max_retries=1, interval_start=0)
                self._broker.declare()
                return
            except ChannelError as error:
                raise CommandError(
                    f"{error}: RabbitMQ has the queue with the arguments of another version; set PREFIX, or delete the "
                    "queue when it is empty (rabbitmqctl delete_queue NAME --if-empty)"
                ) from None
            except BROKER_ERRORS as error:
                if not is_logged:
                    message = "no broker answers at %s, waiting for it (%s): start one, or set BROKER_URL"
                    logger.error(message, self._broker.location, error)
                is_logged = True
            time.sleep(RECONNECT_INTERVAL)

    def _on_ready(self, sender: Any, **_: Any) -> None:
        logger.info("worker %s: looking for tasks", sender.hostname)
        self._heartbeat.consumer = sender
        if not self._heartbeat.is_alive():
            self._heartbeat.start()
        if self._relay is not None and not self._relay.is_alive():
            self._relay.start()

    def _on_shutdown(self, **_: Any) -> None:
        # Running tasks have GRACEFUL_SHUTDOWN seconds, or none after a second signal.
        seconds = 0 if self._is_stopping else conf.current().timeouts.graceful_shutdown
        self._is_stopping = True
        stopping.set()
        timer = threading.Timer(seconds, _exit_now)
        timer.daemon = True
        timer.start()


def _exit_now() -> None:
    # The broker delivers the running tasks to other workers. Processes of a pool end with this one.
    logger.error("the running tasks took longer than GRACEFUL_SHUTDOWN: other workers retry them")
    flush()
    logging.shutdown()
    os._exit(1)


def _quieten_celery(**_: Any) -> None:
    # A receiver of setup_logging keeps Celery from configuring logging; settings.LOGGING does. Celery's own line for
    # each attempt would repeat ours.
    logging.getLogger("celery").setLevel(logging.WARNING)
