import asyncio
import os

from django.apps import AppConfig
from upstreams import Upstream
from upstreams.clients import loop_clients
from upstreams.transport.http1_transport import HTTP1Transport


class Noted(HTTP1Transport):
    """Says when it closes."""

    def __init__(self, definition):
        super().__init__(definition)
        self.alias = definition.alias

    async def aclose(self):
        await super().aclose()
        print(f"closed {self.alias}", flush=True)


async def on_startup():
    if os.environ["ON_STARTUP"] == "raise":
        raise RuntimeError("no token")
    print("opening quotes", flush=True)
    await asyncio.Event().wait()


class FailingConfig(AppConfig):
    name = "testproject.failing"

    def ready(self):
        # Not before the service's own: the last object of an alias is the one that opens.
        from testproject.quotes import quotes

        loop_clients.make_transport = Noted
        quotes.on_startup = on_startup
        self.others = [Upstream("first"), Upstream("third")]
