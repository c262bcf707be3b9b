"""What tests of the admission admit requests to."""

import asyncio

from server.admission import Admission
from server.exchange import Limits
from server.lanes import Lanes
from services.core import context
from tests.asgi import answer


def admission(app, lanes=None, drain=60, **limits):
    usual = {"seconds": 60, "body": 10, "body_seconds": 60}
    return Admission(app, lanes or Lanes(5, 5, 5), Limits(**{**usual, **limits}), drain)


class Gate:
    """An application that answers when it is let through."""

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
