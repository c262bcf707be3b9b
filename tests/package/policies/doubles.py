"""A clock, an upstream and a request for one policy alone."""

import asyncio

from upstreams.core.call import Call
from upstreams.core.errors import UpstreamConnectionError, UpstreamTimeout
from upstreams.core.httpx import Request, Response, Transport


async def turns_of_others(call):
    """How often another task gets its turn while a call runs."""

    async def others():
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    turns = 0
    task = asyncio.create_task(others())
    await call
    task.cancel()
    return turns


class Clock:
    """A clock that advances only by `sleep`."""

    def __init__(self):
        self.seconds = 1000.0
        self.slept = []

    def now(self):
        return self.seconds

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += seconds


class Upstream(Transport):
    """Responds with statuses and errors from a list; the last one repeats."""

    def __init__(self, *plays):
        self.plays = list(plays)
        self.calls = 0

    async def handle_async_request(self, request):
        self.calls += 1
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        if isinstance(play, BaseException):
            raise play
        return play if isinstance(play, Response) else Response(play)


def request(method="GET", deadline=2000.0, *, is_stream=False, **more):
    call = Call("quotes", method, "random", deadline=deadline, stream=is_stream)
    return Request(method, "https://quotes.test/random", extensions={"call": call}, **more)


def lost(phase, *, reused=False):
    return UpstreamConnectionError("lost", call=Call("quotes", "GET", "random"), phase=phase, reused=reused)


CALL = Call("quotes", "GET", "random")
LATE = UpstreamTimeout("late", call=CALL)


async def send(policy, times=1, **more):
    return [
        (await asyncio.gather(policy.handle_async_request(request(**more)), return_exceptions=True))[0]
        for _ in range(times)
    ]


class Held(Transport):
    """Responds when `go` is set."""

    def __init__(self):
        self.running = 0
        self.go = asyncio.Event()

    async def handle_async_request(self, request):
        self.running += 1
        await self.go.wait()
        return Response(200)
