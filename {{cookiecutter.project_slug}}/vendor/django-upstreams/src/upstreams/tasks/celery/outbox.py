"""Sends to the broker what `enqueue` has written into the database: the relay of a transactional outbox.

A task is sent at least once. A worker that dies after the broker has a task and before its row is deleted leaves the
row to another worker, which sends the task again, with the same id.
"""

import logging
import threading
from datetime import timedelta
from time import monotonic

from amqp.exceptions import PreconditionFailed
from django.db import (
    DatabaseError,
    InterfaceError,
    close_old_connections,
    router,
    transaction,
)
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.tasks import task_backends

from upstreams.tasks import failure, metrics
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.broker import EnqueueFailed
from upstreams.tasks.celery.message import Message
from upstreams.tasks.celery.models import Outgoing

logger = logging.getLogger(__name__)

BATCH_SIZE = 100
"""Rows that a worker claims at once, and so the most that are sent twice when it is killed."""
POLL_INTERVAL = 0.5
"""Seconds between two looks at an empty outbox."""
MAX_PAUSE = 5.0
"""Seconds between two attempts, at most, while the broker or the database cannot be used."""
COUNT_INTERVAL = 10.0
"""Seconds between two counts of what waits, for the metric."""
MAX_POSTPONEMENT = 600
"""Seconds between two attempts, at most, to send a task that the broker refuses."""


class Relay(threading.Thread):
    """The thread beside a worker that empties the outbox.

    Args:
        backend: whose tasks it sends.
    """

    def __init__(self, backend: CeleryBackend) -> None:
        super().__init__(name="outbox", daemon=True)
        self._backend = backend
        self._stop_requested = threading.Event()
        self._count_at = 0.0

    def run(self) -> None:
        pause = POLL_INTERVAL
        is_logged = False
        while not self._stop_requested.wait(pause):
            try:
                self._count()
                pause = 0 if self.send_batch() else POLL_INTERVAL
                is_logged = False
            except (EnqueueFailed, DatabaseError, InterfaceError) as error:
                pause = min(max(2 * pause, POLL_INTERVAL), MAX_PAUSE)
                if not is_logged:
                    logger.error("tasks wait in the outbox until this is over: %s", error)
                is_logged = True
            except Exception:
                pause = MAX_PAUSE
                logger.exception("the outbox cannot be sent; trying again")
            finally:
                close_old_connections()

    def stop(self) -> None:
        """Send no further task, and return when the current one is sent."""
        self._stop_requested.set()
        self.join()

    def send_batch(self) -> int:
        """Send the oldest tasks, and return how many were claimed.

        Raises:
            EnqueueFailed: the broker cannot be used; the tasks wait.
            DatabaseError: the database cannot be used; tasks that were sent are sent again.
        """
        claimed = self._claim()
        until = monotonic() + self._backend.lease / 2
        sent: list[int] = []
        left = {row.pk for row in claimed}
        try:
            for row in claimed:
                if self._stop_requested.is_set() or monotonic() > until:
                    break
                if self._send(row):
                    sent.append(row.pk)
                left.remove(row.pk)
        finally:
            self._rows().filter(pk__in=sent).delete()
            self._rows().filter(pk__in=left).update(send_at=Now())
        return len(claimed)

    def waiting(self) -> "QuerySet[Outgoing]":
        """Return the rows of this backend; the first one also sends those that were written under another alias."""
        aliases = [backend.alias for backend in task_backends.all() if isinstance(backend, CeleryBackend)]
        if self._backend.alias in aliases[1:]:
            return self._rows().filter(backend=self._backend.alias)
        return self._rows().exclude(backend__in=aliases[1:])

    def _rows(self) -> "QuerySet[Outgoing]":
        return Outgoing.objects.using(router.db_for_write(Outgoing))

    def _count(self) -> None:
        if monotonic() >= self._count_at:
            self._count_at = monotonic() + COUNT_INTERVAL
            metrics.OUTBOX.set(self.waiting().count())

    def _claim(self) -> list[Outgoing]:
        ready = self.waiting().filter(send_at__lte=Now()).order_by("pk")
        if ready.values_list("pk").first() is None:  # a transaction would lock the file of SQLite
            return []
        with transaction.atomic(using=ready.db):
            claimed = list(ready.select_for_update(skip_locked=True)[:BATCH_SIZE])
            until = Now() + timedelta(seconds=self._backend.lease)
            self._rows().filter(pk__in=[row.pk for row in claimed]).update(send_at=until)
        return claimed

    def _send(self, row: Outgoing) -> bool:
        try:
            self._backend.broker.send(Message(**row.message))
        except Exception as error:
            if isinstance(error, EnqueueFailed) and not isinstance(error.__cause__, PreconditionFailed):
                raise
            self._postpone(row, error)
            return False
        return True

    def _postpone(self, row: Outgoing, error: Exception) -> None:
        # Too large for the broker, or for a queue that is not in QUEUES any more: it must not stop the others.
        seconds = min(2 ** min(row.failures, 20), MAX_POSTPONEMENT)
        text = failure.describe(error)
        logger.error("task %s cannot be sent, trying again in %d s: %s", row, seconds, text)
        send_at = Now() + timedelta(seconds=seconds)
        self._rows().filter(pk=row.pk).update(failures=F("failures") + 1, error=text, send_at=send_at)
