"""A clock, an upstream and a request for one policy alone."""

import asyncio

from services.core.errors import Call, UpstreamTimeout, UpstreamUnreachable
from services.core.http import Request, Response, Transport


class Clock:
    """Time that passes only when somebody sleeps."""

    def __init__(self):
        self.seconds = 1000.0
        self.slept = []

    def now(self):
        return self.seconds

    async def sleep(self, seconds):
        self.slept.append(seconds)
        self.seconds += seconds


class Upstream(Transport):
    """Plays a list of statuses and errors, the last one again and again."""

    def __init__(self, *plays):
        self.plays = list(plays)
        self.calls = 0

    async def handle_async_request(self, request):
        self.calls += 1
        play = self.plays.pop(0) if len(self.plays) > 1 else self.plays[0]
        if isinstance(play, BaseException):
            raise play
        return play if isinstance(play, Response) else Response(play)


def request(method="GET", ends=2000.0, **more):
    call = Call("quotes", method, "random", ends=ends)
    return Request(method, "https://quotes.test/random", extensions={"call": call}, **more)


def lost(point):
    return UpstreamUnreachable("lost", call=Call("quotes", "GET", "random"), point=point)


CALL = Call("quotes", "GET", "random")
LATE = UpstreamTimeout("late", call=CALL)


async def send(policy, times=1, **more):
    return [
        (await asyncio.gather(policy.handle_async_request(request(**more)), return_exceptions=True))[0]
        for _ in range(times)
    ]


class Held(Transport):
    """Answers when told to."""

    def __init__(self):
        self.running = 0
        self.go = asyncio.Event()

    async def handle_async_request(self, request):
        self.running += 1
        await self.go.wait()
        return Response(200)
