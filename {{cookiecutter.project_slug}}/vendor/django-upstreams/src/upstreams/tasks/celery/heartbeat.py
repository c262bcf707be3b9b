"""The thread beside a worker: renews its leases, enqueues periodic tasks, counts waiting tasks."""

import logging
import threading
import time
from typing import Any

from django.db import DatabaseError, InterfaceError
from django.db import connections as databases

from upstreams.tasks import forks, metrics
from upstreams.tasks.celery import leases
from upstreams.tasks.celery.broker import Broker
from upstreams.tasks.celery.connections import BROKER_ERRORS
from upstreams.tasks.schedule import enqueue_due_tasks

logger = logging.getLogger(__name__)


class Heartbeat(threading.Thread):
    """Beats three times in a lease.

    Args:
        broker: the worker's.

    Attributes:
        consumer: the part of Celery's worker that receives messages.
        reaches_broker: whether the last beat could use the broker.
    """

    def __init__(self, broker: Broker) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.consumer: Any = None
        self.reaches_broker = False
        self._broker = broker
        self._no_fork = forks.lock()

    def run(self) -> None:
        while True:
            with self._no_fork:
                self._use_database()
                self._use_broker()
            time.sleep(self._broker.lease / 3)

    def _use_broker(self) -> None:
        # Private: Consumer.task_consumer (celery 5.7), None while the worker reconnects.
        # test_a_slow_task_is_not_taken_for_a_dead_one needs it.
        tasks = self.consumer.task_consumer
        try:
            if self._broker.is_redis and tasks is not None:
                leases.renew(tasks.channel)
            for queue, count in self._broker.queued().items():
                metrics.QUEUED.labels(queue).set(count)
            self.reaches_broker = True
        except BROKER_ERRORS as error:
            self.reaches_broker = False
            logger.warning("the broker cannot be used, leases may expire: %r", error)
        except Exception:
            self.reaches_broker = False
            logger.exception("the heartbeat failed; trying again")

    def _use_database(self) -> None:
        try:
            enqueue_due_tasks()
        except (DatabaseError, InterfaceError) as error:
            logger.warning("the database cannot be used, periodic tasks are not enqueued: %r", error)
        except Exception:
            logger.exception("periodic tasks are not enqueued; trying again")
        finally:
            databases.close_all()
