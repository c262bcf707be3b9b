"""The workers of this service, as this process sees them."""

import asyncio
import os
import time
from collections import deque
from pathlib import Path
from typing import Literal

from upstreams.contrib.upstreams_page import readings, siblings
from upstreams.contrib.upstreams_page.counters import SAMPLE_INTERVAL, WINDOW, Counters, Sample
from upstreams.contrib.upstreams_page.questions import Look
from upstreams.contrib.upstreams_page.rates import Rates, between
from upstreams.contrib.upstreams_page.readings import WorkerState
from upstreams.core.failed_calls import MAX_FAILED_CALLS, FailedCall

RESPONSE_TIMEOUT = 0.5
"""Seconds that another worker has; the page shows one that takes longer as hanging."""
SHOWN_AFTER_END = 60.0
"""Seconds for which the page shows a worker that has ended."""

SHORTEST = 0.5
"""Seconds of which rates mean anything."""

Condition = Literal["responds", "hangs", "ended"]


class Worker:
    """A process that runs the service.

    Args:
        pid: its id.

    Attributes:
        condition: at the last look.
        changed: when the condition changed, in seconds of `time.time()`.
        state: the last one that it has sent.
        samples: of the last minutes.
        failed: the last failed calls, by alias.
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.condition: Condition = "responds"
        self.changed = time.time()
        self.state: WorkerState | None = None
        self.samples: deque[Sample] = deque()
        self.failed: dict[str, deque[FailedCall]] = {}

    def update(self, state: WorkerState) -> None:
        """Take over what it has sent."""
        if self.state is not None and self.state.started != state.started:  # another process with this id
            self.samples.clear()
            self.failed.clear()
        self.state = state
        self.become("responds")
        self.samples.extend(state.samples)
        while self.samples and not state.now - WINDOW - SAMPLE_INTERVAL <= self.samples[0].at <= state.now:
            self.samples.popleft()
        for alias, calls in state.failed.items():
            self.failed.setdefault(alias, deque(maxlen=MAX_FAILED_CALLS)).extend(calls)

    def become(self, condition: Condition) -> None:
        """Note its condition."""
        if condition != self.condition:
            self.condition, self.changed = condition, time.time()

    @property
    def since(self) -> float:
        """The time of its clock until which this process knows what it did."""
        return 0.0 if self.state is None else self.state.now

    def rates(self, alias: str, seconds: float) -> Rates | None:
        """Return what it counted of an upstream in about the last seconds; None if nobody has looked before."""
        if self.state is None or self.condition != "responds":
            return None
        ends = self.state.now
        begins = next(
            (sample for sample in self.samples if sample.at >= ends - seconds - SAMPLE_INTERVAL), None
        )
        if begins is None or ends - begins.at < SHORTEST:
            return None
        later = self.state.counters.get(alias, Counters())
        return between(begins.by_alias.get(alias), later, ends - begins.at)


class Workers:
    """All workers of this service on this machine. Each event loop that shows them has its own."""

    def __init__(self) -> None:
        self.by_pid: dict[int, Worker] = {}

    async def refresh(self) -> None:
        """Ask all workers; none of them is waited for longer than `RESPONSE_TIMEOUT`."""
        paths = siblings.paths()
        pids = {os.getpid(), *paths, *self.by_pid}
        for pid in pids:
            self.by_pid.setdefault(pid, Worker(pid))
        await asyncio.gather(*(self._look(self.by_pid[pid], paths.get(pid)) for pid in pids))
        forgotten = time.time() - SHOWN_AFTER_END
        for pid, worker in tuple(self.by_pid.items()):
            if worker.condition == "ended" and worker.changed < forgotten:
                del self.by_pid[pid]

    async def _look(self, worker: Worker, path: Path | None) -> None:
        if worker.pid == os.getpid():
            worker.update(readings.read(worker.since))
        elif path is None:
            worker.become("ended")
        else:
            try:
                worker.update(await siblings.ask(path, Look(worker.since), WorkerState, RESPONSE_TIMEOUT))
            except (ConnectionRefusedError, FileNotFoundError):
                siblings.forget(path)
                worker.become("ended")
            except (OSError, ValueError):  # TimeoutError is an OSError
                worker.become("hangs")

    @property
    def in_order(self) -> list[Worker]:
        """The workers by the time at which they started; those that have sent nothing come last."""
        return sorted(
            self.by_pid.values(),
            key=lambda one: (one.state is None, one.state.started if one.state else 0, one.pid),
        )
