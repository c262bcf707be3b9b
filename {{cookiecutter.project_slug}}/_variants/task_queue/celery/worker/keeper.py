"""What a worker does beside its tasks: renew its leases, enqueue what is due, count what waits."""

import logging
import threading
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db import connections as databases

from worker import leases, metrics
from worker.broker import UNUSABLE, Broker
from worker.schedule.due import enqueue_due

logger = logging.getLogger(__name__)


class Keeper(threading.Thread):
    """A thread beside a worker.

    Args:
        broker: the worker's; it looks three times in a lease.

    Attributes:
        consumer: what gets the worker its messages.
        reaches_broker: whether it did when it last looked.
    """

    def __init__(self, broker: Broker) -> None:
        super().__init__(name="keeper", daemon=True)
        self.consumer: Any = None
        self.reaches_broker = False
        self._broker = broker
        self._stop = threading.Event()

    def run(self) -> None:
        while not self._stop.wait(self._broker.lease / 3):
            self._look_at_broker()
            self._look_at_database()

    def _look_at_broker(self) -> None:
        try:
            if self._broker.is_redis and self.consumer.task_consumer is not None:
                leases.renew(self.consumer.task_consumer.channel)
            for queue, count in self._broker.queued().items():
                metrics.QUEUED.labels(queue).set(count)
            self.reaches_broker = True
        except UNUSABLE as error:
            self.reaches_broker = False
            logger.warning("the broker cannot be used, leases may run out: %r", error)

    def _look_at_database(self) -> None:
        try:
            enqueue_due()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the database cannot be used, nothing that recurs is enqueued: %r", error)
        finally:
            databases.close_all()
