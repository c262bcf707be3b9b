"""The thread beside a worker: renews its lease, recovers tasks of dead workers, enqueues periodic tasks."""

import logging
import threading

from django.db import DatabaseError, InterfaceError
from django.db import connections as databases
from django.db.models import Count
from django_tasks_db.models import DBTaskResult

from upstreams.tasks import metrics
from upstreams.tasks.database.backend import DatabaseBackend
from upstreams.tasks.database.leases import recover_lost_tasks
from upstreams.tasks.database.models import ClaimedTask
from upstreams.tasks.schedule import enqueue_due_tasks

logger = logging.getLogger(__name__)


class Heartbeat(threading.Thread):
    """Beats three times in a lease.

    Args:
        backend: the worker's.

    Attributes:
        current: the task that the worker is running.
        reaches_database: whether the last beat could use the database.
        stop: set it to end the thread.
    """

    def __init__(self, backend: DatabaseBackend) -> None:
        super().__init__(name="heartbeat", daemon=True)
        self.current: ClaimedTask | None = None
        self.reaches_database = False
        self.stop = threading.Event()
        self._backend = backend
        self._queues: set[str] = set()

    def run(self) -> None:
        while True:
            try:
                self._beat()
                self.reaches_database = True
            except (DatabaseError, InterfaceError) as error:
                self.reaches_database = False
                logger.warning("the database cannot be used, leases may expire: %r", error)
            except Exception:
                self.reaches_database = False
                logger.exception("the heartbeat failed; trying again")
            finally:
                databases.close_all()
            if self.stop.wait(self._backend.lease / 3):
                return

    def _beat(self) -> None:
        current = self.current
        if current is not None:
            current.renew()
        recover_lost_tasks(self._backend.enqueued_as)
        enqueue_due_tasks()
        self._count_queued()

    def _count_queued(self) -> None:
        ready = DBTaskResult.objects.ready().filter(backend_name=self._backend.enqueued_as)
        counts = dict(ready.order_by().values_list("queue_name").annotate(Count("pk")))
        self._queues |= counts.keys()  # a queue that is empty now is 0, not absent
        for queue in self._queues:
            metrics.QUEUED.labels(queue).set(counts.get(queue, 0))
