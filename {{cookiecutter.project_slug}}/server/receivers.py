"""Who listens when a request begins and ends."""

import os
from typing import Any

from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.db import close_old_connections, reset_queries
from django.dispatch import Signal


class Receivers:
    """Those of a signal.

    Args:
        signal: sent for each request.
    """

    # They tidy up after queries, which run in a thread, and put back the caches and the URL configuration.
    DJANGOS = frozenset(map(id, (close_caches, close_old_connections, reset_queries, reset_urlconf)))
    if os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE"):
        DJANGOS = frozenset()

    def __init__(self, signal: Signal) -> None:
        self._signal = signal
        self._seen: list[Any] | None = None
        self._are_djangos = False

    @property
    def are_djangos(self) -> bool:
        """Whether Django connected all of them itself."""
        if self._signal.receivers != self._seen:
            self._seen = [*self._signal.receivers]
            self._are_djangos = all(key[0] in self.DJANGOS for key, *_ in self._seen)
        return self._are_djangos
