import asyncio
import os

from django.apps import AppConfig

from services import Upstream
from services.core import connections
from services.core.wire import Wire


class Noted(Wire):
    """Says when it closes."""

    def __init__(self, definition):
        super().__init__(definition)
        self.alias = definition.alias

    async def aclose(self):
        await super().aclose()
        print(f"closed {self.alias}", flush=True)


async def on_open():
    if os.environ["ON_OPEN"] == "raise":
        raise RuntimeError("no token")
    print("opening quotes", flush=True)
    await asyncio.Event().wait()


class FailingConfig(AppConfig):
    name = "tests.failing"

    def ready(self):
        # Not before the service's own: the last object of an alias is the one that opens.
        from tests.quotes import quotes

        connections.make_wire = Noted
        quotes.on_open = on_open
        self.others = [Upstream("first"), Upstream("third")]
