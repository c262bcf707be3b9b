"""What a worker does beside its tasks: renew its leases, enqueue what is due, count what waits."""

import logging
import threading
import time
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

    def run(self) -> None:
        while True:
            self._look_at_database()
            self._look_at_broker()
            time.sleep(self._broker.lease / 3)

    def _look_at_broker(self) -> None:
        tasks = self.consumer.task_consumer  # none while the connection is made anew
        try:
            if self._broker.is_redis and tasks is not None:
                leases.renew(tasks.channel)
            for queue, count in self._broker.queued().items():
                metrics.QUEUED.labels(queue).set(count)
            self.reaches_broker = True
        except UNUSABLE as error:
            self.reaches_broker = False
            logger.warning("the broker cannot be used, leases may run out: %r", error)
        except Exception:
            self.reaches_broker = False
            logger.exception("the broker cannot be looked at")

    def _look_at_database(self) -> None:
        try:
            enqueue_due()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the database cannot be used, nothing that recurs is enqueued: %r", error)
        finally:
            databases.close_all()
