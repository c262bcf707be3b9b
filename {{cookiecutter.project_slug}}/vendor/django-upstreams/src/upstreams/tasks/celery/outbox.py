"""Sends to the broker what `enqueue` has written into the database: the relay of a transactional outbox.

A task is sent at least once. A worker that dies after the broker has a task and before its row is deleted leaves the
row to another worker, which sends the task again, with the same id.
"""

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
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

from upstreams.tasks import failure, forks, metrics
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.tasks.celery.broker import Broker, EnqueueFailed
from upstreams.tasks.celery.message import Message
from upstreams.tasks.celery.models import Outgoing

logger = logging.getLogger(__name__)

BATCH_SIZE = 100
"""Rows that a worker claims at once, and so the most that are sent twice when it is killed."""
SENDERS = 4
"""Tasks that are sent at the same time, since each one waits until the broker confirms it."""
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
        self._no_fork = forks.lock()
        self._count_at = 0.0

    def run(self) -> None:
        pause = POLL_INTERVAL
        is_logged = False
        while not self._stop_requested.wait(pause):
            try:
                with self._no_fork:
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
        batch = Batch(self._backend.broker, monotonic() + self._backend.lease / 2, self._stop_requested)
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(batch.send, claimed))
        self._rows().filter(pk__in=batch.sent).delete()
        for row in claimed:
            if row.pk in batch.refused:
                self._postpone(row, batch.refused[row.pk])
        left = {row.pk for row in claimed} - batch.sent - batch.refused.keys()
        self._rows().filter(pk__in=left).update(send_at=Now())
        if batch.outage is not None:
            raise batch.outage
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

    def _postpone(self, row: Outgoing, error: Exception) -> None:
        seconds = min(2 ** min(row.failures, 20), MAX_POSTPONEMENT)
        text = failure.describe(error)
        logger.error("task %s cannot be sent, trying again in %d s: %s", row, seconds, text)
        send_at = Now() + timedelta(seconds=seconds)
        self._rows().filter(pk=row.pk).update(failures=F("failures") + 1, error=text, send_at=send_at)


@dataclass
class Batch:
    """Tasks that are sent together, and what became of them.

    Args:
        broker: where they are sent to.
        until: when to stop, before another worker may claim them.
        stop: set it to stop.

    Attributes:
        outage: why the broker could not be used; nothing more is sent then.
    """

    broker: Broker
    until: float
    stop: threading.Event
    sent: set[int] = field(default_factory=set)
    refused: dict[int, Exception] = field(default_factory=dict)
    outage: EnqueueFailed | None = None

    def send(self, row: Outgoing) -> None:
        """Send a task, unless the batch is over."""
        if self.outage is not None or self.stop.is_set() or monotonic() > self.until:
            return
        try:
            self.broker.send(Message(**row.message))
            self.sent.add(row.pk)
        except Exception as error:  # noqa: BLE001 - too large, a queue that is not in QUEUES any more, a new version's
            if isinstance(error, EnqueueFailed) and not isinstance(error.__cause__, PreconditionFailed):
                self.outage = error
            else:
                self.refused[row.pk] = error
