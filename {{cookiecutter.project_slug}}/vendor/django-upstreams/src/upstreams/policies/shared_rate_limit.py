"""Limits calls per second over all processes: the generic cell rate algorithm (ITU-T I.371), on the clock of Redis."""

import asyncio
import heapq
from contextvars import Context
from time import monotonic
from typing import Any, NamedTuple

from upstreams.core.call import Call
from upstreams.core.httpx import Request, Response, Transport
from upstreams.policies.base import Policy
from upstreams.policies.rate_limit import RateLimit, exhausted
from upstreams.policies.redis_server import RedisAway, RedisServer

MAX_BATCH = 100
"""Calls whose turns are reserved by one command."""
BURST = 0.02
"""Seconds of the quota that may pass at once: an upstream may count in windows, and each has to keep the quota."""
HORIZON = 600.0
"""Seconds that a turn may be ahead. One that is further means that the server's clock was set back."""

RESERVE = """
local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local interval, tolerance, horizon = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local next = tonumber(redis.call('GET', KEYS[1]) or 0) or 0
if next - now > horizon + interval then next = 0 end
local waits, reserved = {}, false
for i = 4, #ARGV do
  local due = math.max(next, now - tolerance)
  local wait = due - now
  if wait > math.min(tonumber(ARGV[i]), horizon) then
    waits[i - 3] = -math.ceil(wait)
  else
    waits[i - 3] = math.max(0, math.ceil(wait))
    next, reserved = due + interval, true
  end
end
if reserved then
  redis.call('SET', KEYS[1], string.format('%.3f', next), 'PX', math.ceil((next - now + tolerance) / 1000) + 1)
end
return waits
"""
"""Reserves a turn for each call that can wait for it. Times are in microseconds.

KEYS: the time of the next turn. ARGV: between two turns, tolerance, horizon, then for each call how long it can wait.
Returns for each call the wait until its turn; negative if it is too long, and nothing was reserved.
"""


class Waiting(NamedTuple):
    """A call that has asked for its turn; the future gets the seconds until then, or None if Redis is away."""

    call: Call
    wait: asyncio.Future[float | None]


class SharedRateLimit(Policy):
    """Spaces the calls of all processes out. A call waits for its turn if its deadline allows it.

    The calls that arrive while a command is on its way are reserved together by the next one: a process sends one
    command at a time, and nothing is reserved that no call has asked for.

    Args:
        inner: the next transport.
        rate: calls per second, of all processes together.
        alias: of the upstream.
        server: that all processes share.
        processes: how many there are, among which the rate is divided while the server is away.
    """

    def __init__(
        self, inner: Transport, rate: float, alias: str, server: RedisServer, processes: int
    ) -> None:
        super().__init__(inner)
        self._rate = rate
        self._key = f"{server.prefix}:rate_limit:{alias}"
        self._server = server
        self._alone = RateLimit(inner, rate / processes)
        interval = 1e6 / rate
        tolerance = max(0.0, BURST * 1e6 - interval)
        self._limits = [f"{one:.3f}" for one in (interval, tolerance, HORIZON * 1e6)]
        self._waiting: list[Waiting] = []
        self._unused: list[float] = []  # turns of callers that have left, as a heap of monotonic times
        self._reserving: asyncio.Task[None] | None = None

    async def handle_async_request(self, request: Request) -> Response:
        call = Call.of(request)
        turn = self._turn_of_another(call, monotonic())
        if turn is None:
            wait = None if self._server.is_away else await self._reserved(call)
            wait = self._alone.reserve(call) if wait is None else wait
            turn = monotonic() + wait
        while (left := turn - monotonic()) > 0:
            try:
                await asyncio.sleep(left)
            except BaseException:
                heapq.heappush(self._unused, turn)
                raise
        return await self._inner.handle_async_request(request)

    def _turn_of_another(self, call: Call, now: float) -> float | None:
        while self._unused and self._unused[0] < now:
            heapq.heappop(self._unused)
        return heapq.heappop(self._unused) if self._unused and self._unused[0] <= call.deadline else None

    async def _reserved(self, call: Call) -> float | None:
        wait: asyncio.Future[float | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(Waiting(call, wait))
        if self._reserving is None:
            # In a context of its own: it goes on for other calls.
            self._reserving = asyncio.create_task(self._reserve(), context=Context())
        seconds = await wait
        if seconds is not None and seconds < 0:
            raise exhausted(call, self._rate, -seconds)
        return seconds

    async def _reserve(self) -> None:
        batch: list[Waiting] = []
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MAX_BATCH], self._waiting[MAX_BATCH:]
                self._pass_on(batch, await self._ask(batch))
        finally:
            self._reserving = None
            unanswered, self._waiting = [*batch, *self._waiting], []
            self._pass_on(unanswered, [None] * len(unanswered))

    async def _ask(self, batch: list[Waiting]) -> list[float | None]:
        now = monotonic()
        patience = [min(max(0.0, one.call.deadline - now), HORIZON) * 1e6 for one in batch]
        arguments: list[Any] = [RESERVE, 1, self._key, *self._limits, *map(int, patience)]
        try:
            found = await self._server.run(lambda redis: redis.eval(*arguments))
        except RedisAway:
            return [None] * len(batch)
        return [int(wait) / 1e6 for wait in found]

    def _pass_on(self, batch: list[Waiting], waits: list[float | None]) -> None:
        now = monotonic()
        for one, wait in zip(batch, waits, strict=True):
            if not one.wait.done():
                one.wait.set_result(wait)
            elif one.wait.cancelled() and wait is not None and wait > 0:
                heapq.heappush(self._unused, now + wait)

    async def aclose(self) -> None:
        if self._reserving is not None:
            self._reserving.cancel()
            await asyncio.wait([self._reserving])
        await self._inner.aclose()
