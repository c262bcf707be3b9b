"""What a worker does beside its task: renew its lease, look for dead workers and for what is due."""

import logging
import threading

from django.db import DatabaseError, InterfaceError
from django.db import connections as databases
from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from worker import metrics
from worker.leases import reap
from worker.models import Attempt
from worker.schedule.due import enqueue_due

logger = logging.getLogger(__name__)


class Keeper(threading.Thread):
    """A thread beside a worker.

    Args:
        lease: seconds; it looks three times as often.

    Attributes:
        in_hand: what the worker is doing.
        reaches_database: whether it did when it last looked.
    """

    def __init__(self, lease: float) -> None:
        super().__init__(name="keeper", daemon=True)
        self.in_hand: Attempt | None = None
        self.reaches_database = False
        self.stop = threading.Event()
        self._beat = lease / 3
        self._queues: set[str] = set()

    def run(self) -> None:
        while True:
            try:
                self._turn()
                self.reaches_database = True
            except (DatabaseError, InterfaceError) as error:
                self.reaches_database = False
                logger.warning("the database cannot be used, leases may run out: %r", error)
            finally:
                databases.close_all()
            if self.stop.wait(self._beat):
                return

    def _turn(self) -> None:
        attempt = self.in_hand
        if attempt is not None:
            attempt.renew()
        reap()
        enqueue_due()
        self._count()

    def _count(self) -> None:
        ready = DBTaskResult.objects.ready().order_by().values_list("queue_name")
        counts = dict(ready.annotate(Count("pk")))
        self._queues |= counts.keys()
        for queue in self._queues:
            metrics.QUEUED.labels(queue).set(counts.get(queue, 0))
