"""Drives an ASGI application without a server, message by message."""

import asyncio

HTTP = {
    "type": "http",
    "http_version": "1.1",
    "method": "GET",
    "path": "/",
    "query_string": b"",
    "headers": [],
}


class Client:
    """What one client sends and gets.

    Attributes:
        sent: the messages that the application has sent.
        inbox: what it receives, in order; then nothing more comes.
    """

    def __init__(self, *inbox):
        self.sent = []
        self.inbox = list(inbox) or [{"type": "http.request"}]
        self.got = asyncio.Event()

    async def receive(self):
        if not self.inbox:
            await asyncio.Event().wait()
        return self.inbox.pop(0)

    async def send(self, message):
        self.sent.append(message)
        self.got.set()

    async def ask(self, app, **scope):
        await app({**HTTP, **scope}, self.receive, self.send)
        return self.status

    @property
    def status(self):
        return self.sent[0]["status"] if self.sent else None

    @property
    def headers(self):
        return dict(self.sent[0]["headers"])

    @property
    def body(self):
        return b"".join(message.get("body", b"") for message in self.sent[1:])


async def answer(send, *parts):
    await send({"type": "http.response.start", "status": 200, "headers": []})
    for part in parts[:-1]:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": parts[-1]})
