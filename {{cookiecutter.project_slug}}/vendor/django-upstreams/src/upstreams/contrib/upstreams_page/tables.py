"""The tables of one upstream: its state in each worker, and its last failed calls."""

import functools
import heapq
from collections.abc import Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from upstreams.contrib.upstreams_page.content import Table
from upstreams.contrib.upstreams_page.readings import Reading
from upstreams.contrib.upstreams_page.words import NOTHING, clock, number, seconds
from upstreams.contrib.upstreams_page.workers import Worker
from upstreams.core.failed_calls import FailedCall

MAX_ROWS = 20
"""Failed calls that the page shows."""


def workers_table(id: str, alias: str, workers: Sequence[Worker]) -> Table:  # noqa: A002 - as in HTML
    """Return the state of an upstream in each worker."""
    head = [
        _("Worker"),
        _("Breaker"),
        _("Changed"),
        _("Why"),
        _("Waiting"),
        _("In use"),
        _("Idle"),
        _("Oldest"),
        _("Retry budget"),
    ]
    return Table(id, head, [[str(one.pid), *_worker(one, alias)] for one in workers])


def _worker(worker: Worker, alias: str) -> list[str]:
    if worker.condition != "responds":
        words = _("ended") if worker.condition == "ended" else _("does not respond")
        return [words, clock(worker.changed), *[NOTHING] * 6]
    reading = worker.state.readings.get(alias) if worker.state is not None else None
    if reading is None:
        return [NOTHING] * 8
    return [
        _breaker(reading),
        clock(reading.changed_at) if reading.changed_at else NOTHING,
        reading.changed_why or NOTHING,
        number(reading.waiting),
        number(reading.in_use),
        number(reading.idle),
        seconds(reading.age or None),
        number(reading.budget),
    ]


def _breaker(reading: Reading) -> str:
    if reading.is_forced_open:
        return _("held open")
    words = {"open": _("open"), "half_open": _("half open"), "closed": _("closed")}
    return words[reading.breaker]


def failed_table(id: str, alias: str, workers: Sequence[Worker]) -> Table:  # noqa: A002 - as in HTML
    """Return the last failed calls, the newest first."""
    head = [
        _("Call"),
        _("Time"),
        _("Error"),
        _("Detail"),
        _("Attempts"),
        _("Duration"),
        _("Request id"),
        _("Worker"),
    ]
    found = ((call.at, worker.pid, call) for worker in workers for call in worker.failed.get(alias, ()))
    newest = heapq.nlargest(MAX_ROWS, found, key=lambda one: one[:2])
    return Table(id, head, [_failed(call, pid, get_language()) for _at, pid, call in newest])


@functools.lru_cache(1000)
def _failed(call: FailedCall, pid: int, _language: str | None) -> list[str]:
    """Return a row; cached, because a look makes all of them again, and they stay the same."""
    return [
        f"{call.method} {call.path}",
        clock(call.at),
        call.error,
        call.detail or NOTHING,
        number(call.attempts),
        seconds(call.seconds),
        call.request_id or NOTHING,
        str(pid),
    ]
