"""Applications that tests of the admission put behind it."""

import asyncio

from testproject.driver import answer
from upstreams.asgi.admission import Admission
from upstreams.asgi.concurrency import ConcurrencyLimits
from upstreams.asgi.request_limits import RequestLimits
from upstreams.core import context


def admission(app, slots=None, drain=60, **limits):
    usual = {"timeout": 60, "max_body_size": 10, "body_timeout": 60}
    return Admission(app, slots or ConcurrencyLimits(5, 5, 5), RequestLimits(**{**usual, **limits}), drain)


class Gate:
    """An application that responds when its gate is opened."""

    def __init__(self, *parts):
        self.open = asyncio.Event()
        self.entered = asyncio.Event()
        self.ended = asyncio.Event()
        self.deadlines = []
        self._parts = parts or (b"done",)

    async def __call__(self, scope, receive, send):
        self.entered.set()
        self.deadlines.append(context.deadline.get())
        try:
            if len(self._parts) > 1:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": self._parts[0], "more_body": True})
                self.deadlines.append(context.deadline.get())
                await self.open.wait()
                await send({"type": "http.response.body", "body": self._parts[1]})
            else:
                await self.open.wait()
                await answer(send, *self._parts)
        finally:
            self.ended.set()


def chunks(*bodies):
    messages = [{"type": "http.request", "body": body, "more_body": True} for body in bodies]
    return [*messages, {"type": "http.request"}]


async def reads(scope, receive, send):
    while (message := await receive())["type"] == "http.request" and message.get("more_body"):
        pass
    if message["type"] == "http.request":
        await answer(send, b"read")
