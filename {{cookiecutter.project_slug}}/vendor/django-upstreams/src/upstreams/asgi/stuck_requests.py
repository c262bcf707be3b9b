"""Requests that run on after their deadline: a view that hangs in its thread, or that swallows its cancellation.

Their clients have got a 504, but nothing can stop them, and each keeps its place until it ends. This module names
them in the log and counts them. When they hold all places, the process takes itself out of service, and ends if they
do not.
"""

import asyncio
import logging
import time
from collections.abc import Callable

from upstreams.asgi import metrics
from upstreams.asgi.heads import quoted_path
from upstreams.asgi.stacks import stack_of
from upstreams.core import context, debugger
from upstreams.core.asgi_types import Scope

logger = logging.getLogger(__name__)

END_TIMEOUT = 1.0
"""Seconds that a request has to end after its deadline; most are cancelled at once."""


class StuckRequests:
    """The stuck requests of one application.

    Args:
        places: returns how many requests may run at once.

    Attributes:
        exit_after: seconds that they have held all places when `on_exit` is called; 0 means never.
        on_exit: called with the reason.
        given_up: how many the end of the process does not wait for.
    """

    def __init__(self, places: Callable[[], int]) -> None:
        self.exit_after = 0.0
        self.on_exit: Callable[[str], None] = logger.critical
        self.given_up = 0
        self._places = places
        self._found: set[StuckRequest] = set()
        self._timer: asyncio.TimerHandle | None = None

    @property
    def hold_all_places(self) -> bool:
        """Whether no other request can be served."""
        return len(self._found) >= self._places() and not debugger.in_use

    @property
    def reason(self) -> str:
        """Say so, for the log and for `/readyz`."""
        return f"{len(self._found)} stuck requests hold all places of MAX_REQUESTS"

    def add(self, request: "StuckRequest") -> None:
        """Count a request."""
        self._found.add(request)
        metrics.requests_stuck.inc()
        if self.hold_all_places:
            logger.error("readiness: %s", self.reason)
            if self.exit_after and self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(self.exit_after, self._exit)

    def discard(self, request: "StuckRequest") -> None:
        """Count a request no more: it has ended."""
        if request not in self._found:
            return
        self._found.discard(request)
        metrics.requests_stuck.dec()
        if self._timer is not None:
            # Requests that are slow, and end one after the other, are no reason to exit.
            self._timer.cancel()
            self._timer = None

    def _exit(self) -> None:
        if self.hold_all_places:
            self.given_up = len(self._found)
            self.on_exit(f"{self.reason} for STUCK_REQUESTS_EXIT, {self.exit_after:.3g} s")


class StuckRequest:
    """Waits whether one request ends after its deadline, and logs it if it does not.

    Args:
        others: where it is counted.
        scope: of the request.
        task: of the request.
    """

    def __init__(self, others: StuckRequests, scope: Scope, task: "asyncio.Task[object] | None") -> None:
        self._others = others
        self._scope = scope
        self._task = task
        self._passed_at = time.monotonic()
        self._is_reported = False
        self._timer = asyncio.get_running_loop().call_later(END_TIMEOUT, self._report)

    def ended(self) -> None:
        """Note that the request has ended."""
        self._timer.cancel()
        self._others.discard(self)
        if self._is_reported:
            seconds = time.monotonic() - self._passed_at
            logger.warning("%s has ended, %.3g s after its deadline", self._name, seconds)

    @property
    def _name(self) -> str:
        return f"request {self._scope['method']} {self._scope.get('route') or quoted_path(self._scope)}"

    def _report(self) -> None:
        if debugger.in_use:
            return
        self._is_reported = True
        self._others.add(self)
        stats = context.call_stats.get()
        stack = stack_of(self._task, None if stats is None else stats.executor)
        what = "%s is stuck: it runs on after its deadline, %s, and keeps its place; it is in:\n%s"
        logger.error(what, self._name, self._scope.get("limit"), stack)
