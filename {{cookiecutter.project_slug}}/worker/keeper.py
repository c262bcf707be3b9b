"""What a worker does beside its task: renew its lease, look for dead workers, throw old results away."""

import logging
import threading
import time

from django.core.management import call_command
from django.db import DatabaseError, InterfaceError
from django.db import connections as databases

from worker.leases import reap
from worker.models import Attempt

logger = logging.getLogger(__name__)

PRUNE = 3600.0
"""Seconds between two looks for results older than 14 days."""


class Keeper(threading.Thread):
    """A thread beside a worker.

    Args:
        lease: seconds; it looks three times as often.

    Attributes:
        in_hand: what the worker is doing.
    """

    def __init__(self, lease: float) -> None:
        super().__init__(name="keeper", daemon=True)
        self.in_hand: Attempt | None = None
        self.stop = threading.Event()
        self._beat = lease / 3
        self._prune_at = 0.0

    def run(self) -> None:
        while True:
            try:
                self._turn()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("leases cannot be renewed: %r", error)
            finally:
                databases.close_all()
            if self.stop.wait(self._beat):
                return

    def _turn(self) -> None:
        attempt = self.in_hand
        if attempt is not None:
            attempt.renew()
        reap()
        if time.monotonic() >= self._prune_at:
            call_command("prune_db_task_results", queue_name="*", verbosity=0)
            self._prune_at = time.monotonic() + PRUNE
