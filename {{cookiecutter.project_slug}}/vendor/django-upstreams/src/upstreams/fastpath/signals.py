"""Finds out whether sending `request_started` or `request_finished` can be skipped."""

import os
import weakref
from typing import Any

from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.db import close_old_connections, reset_queries
from django.dispatch import Signal

from upstreams.core import thread_use


class SignalReceivers:
    """The receivers of a signal.

    Args:
        signal: sent for each request.
    """

    # Undocumented: reset_urlconf and the other three are all that Django 6.1 itself connects to these signals.
    # tests/package/fastpath/test_signals.py fails when it connects another one.
    BUILTIN_RECEIVERS = frozenset(
        map(id, (close_caches, close_old_connections, reset_queries, reset_urlconf))
    )
    if os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE"):
        # Queries may then run on the event loop, whose connections only the receivers close.
        BUILTIN_RECEIVERS = frozenset()

    def __init__(self, signal: Signal) -> None:
        self._signal = signal
        self._seen: list[Any] | None = None
        self._only_builtin = False

    @property
    def only_builtin_receivers(self) -> bool:
        """Whether only Django's own receivers are connected, so that sending the signal can be skipped.

        The handler and the thread pool do themselves what those do.
        """
        # Undocumented: Signal.receivers (Django 6.1), a list of ((id of receiver, id of sender), …). Only read;
        # tests/package/fastpath/test_leaned_on.py compares Signal.connect.
        if self._signal.receivers != self._seen:
            self._seen = [*self._signal.receivers]
            self._only_builtin = all(key[0] in self.BUILTIN_RECEIVERS for key, *_ in self._seen)
        return self._only_builtin

    def others(self) -> list[Any]:
        """Return the receivers that are not Django's own."""
        found = [one for (key, _), one, *_ in self._signal.receivers if key not in self.BUILTIN_RECEIVERS]
        alive = (one() if isinstance(one, weakref.ref) else one for one in found)
        return [one for one in alive if one is not None]

    def note_others(self) -> None:
        """Name them in the log line of the request: sending the signal to them takes a thread."""
        if not self.only_builtin_receivers:
            for receiver in self.others():
                thread_use.note(receiver)
