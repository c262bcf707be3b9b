"""Drives the lifespan of an ASGI application as a server does: in one task of its own, start to end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.types import App, Message


class LifespanFailed(Exception):
    """The application reported that its start-up or shutdown failed; the message is its own."""


@asynccontextmanager
async def running(app: App) -> AsyncIterator[None]:
    """The application, between its start-up and its shutdown.

    Raises:
        LifespanFailed: the application said so.
    """
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    # A fixture's two halves run in different tasks, which a cancel scope does not survive.
    task = asyncio.create_task(_run(app, scope, to_app, from_app))

    async def tell(phase: str) -> None:
        await to_app.put({"type": f"lifespan.{phase}"})
        answer = await from_app.get()
        if answer["type"] != f"lifespan.{phase}.complete":
            raise LifespanFailed(answer.get("message", ""))

    try:
        await tell("startup")
        try:
            yield
        finally:
            await tell("shutdown")
    finally:
        await task


async def _run(
    app: App, scope: Message, to_app: asyncio.Queue[Message], from_app: asyncio.Queue[Message]
) -> None:
    try:
        await app(scope, to_app.get, from_app.put)
    finally:
        # Whoever waits for an answer that never came gets this one.
        from_app.put_nowait({"type": "lifespan.ended", "message": "the application ended its lifespan early"})
