"""Plays gaps of an upstream to all policies, on an event loop whose time passes at once."""

import asyncio
import copy
import random
import selectors
from dataclasses import dataclass
from types import SimpleNamespace

from upstreams.core import shared_timer
from upstreams.core.call import Call
from upstreams.core.definition import Definition
from upstreams.core.errors import UpstreamConnectionError, UpstreamError
from upstreams.core.httpx import Response, Transport
from upstreams.policies import build_policies, deadline
from upstreams.policies.base import policies_of
from upstreams.policies.deadline import InFlight

from policies.doubles import request

LATENCY = 0.005
LEAD = TAIL = 0.5
"""Seconds of calls before the first gap, and after the time that a breaker may take to close."""


class VirtualSelector(selectors.DefaultSelector):
    """Passes the time that a loop would wait."""

    seconds = 1000.0

    def select(self, timeout=None):
        self.seconds += timeout or 0.0
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._clock = VirtualSelector()
        super().__init__(self._clock)

    def time(self):
        return self._clock.seconds


@dataclass
class Gappy(Transport):
    """An upstream that is away again and again, for as long as it was there in between.

    Args:
        how: the name of a method, which is what an attempt meets meanwhile.
        begins: when the first gap begins.
        seconds: of each gap.
        times: gaps.

    Attributes:
        attempts: in the gaps.
    """

    how: str
    begins: float
    seconds: float
    times: int
    attempts: int = 0

    async def handle_async_request(self, request):
        call = Call.of(request)
        call.attempts += 1
        if self.seconds_left() > 0:
            self.attempts += 1
            await getattr(self, self.how)(call)
            if self.how == "overloaded":
                return Response(503)
        await asyncio.sleep(LATENCY)
        return Response(200)

    def seconds_left(self):
        """Of the gap; 0 between two."""
        since = asyncio.get_running_loop().time() - self.begins
        gap, into = divmod(since, 2 * self.seconds)
        return max(0, self.seconds - into) if 0 <= gap < self.times else 0

    async def refused(self, call):
        raise UpstreamConnectionError("refused", call=call, phase="connect")

    async def dropped(self, call):
        await asyncio.sleep(1)  # CONNECT_TIMEOUT
        raise UpstreamConnectionError("no connection", call=call, phase="connect")

    async def reset(self, call):
        raise UpstreamConnectionError("reset", call=call, phase="send")

    async def overloaded(self, call):
        pass

    async def paused(self, call):
        await asyncio.sleep(self.seconds_left())

    async def swallowed(self, call):
        await asyncio.sleep(3600)

    async def one_of_two_refused(self, call):
        """One of two instances behind a name restarts."""
        if random.random() < 0.5:
            await self.refused(call)


@dataclass
class Outcome:
    """What became of the calls.

    Args:
        errors: calls that failed.
        attempts: attempts that reached the upstream's address during gaps.
        ends_well: whether the last call succeeded.
    """

    errors: int
    attempts: int
    ends_well: bool


def play(monkeypatch, how, seconds, rate, times=1, **keys):
    """Make calls at a rate before, during and after gaps."""
    random.seed(1)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_play(monkeypatch, Gappy(how, 1000.0 + LEAD, seconds, times), rate, keys))


async def _play(monkeypatch, upstream, rate, keys):
    loop = asyncio.get_running_loop()
    for module in (deadline, shared_timer):
        monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=loop.time))
    client = build_policies(
        upstream, Definition(alias="quotes", base_url="https://quotes.test", **keys), InFlight()
    )
    for policy in policies_of(client):
        if hasattr(policy, "_now"):
            policy._now = loop.time
    template = request()
    outcomes = []

    async def call():
        one = copy.copy(template)  # to build a request takes longer than all policies
        one.stream, one.extensions = template.stream, {"call": Call("quotes", "GET", "random")}
        try:
            outcomes.append((await client.handle_async_request(one)).status_code)
        except UpstreamError as error:
            outcomes.append(type(error).__name__)

    gaps = (2 * upstream.times - 1) * upstream.seconds
    number = int((LEAD + gaps + 0.6 * upstream.seconds + TAIL) * rate)
    async with asyncio.TaskGroup() as calls:
        for before in range(number):
            await asyncio.sleep(1000.0 + (before + 0.5) / rate - loop.time())
            calls.create_task(call())
    return Outcome(number - outcomes.count(200), upstream.attempts, outcomes[-1] == 200)
