"""Runs the lifespan of an ASGI application as a server does: from start to end in one task."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from upstreams.core.asgi_types import App, Message


class LifespanFailed(Exception):
    """The application reported that its start or shutdown failed; the message is the application's."""


@asynccontextmanager
async def run_lifespan(app: App) -> AsyncIterator[None]:
    """Start an application, run the block, and shut the application down.

    Raises:
        LifespanFailed: the application reported a failure.
    """
    to_app: asyncio.Queue[Message] = asyncio.Queue()
    from_app: asyncio.Queue[Message] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    # The two halves of a fixture run in different tasks, which breaks cancel scopes.
    task = asyncio.create_task(_run(app, scope, to_app, from_app))

    async def run_phase(phase: str) -> None:
        await to_app.put({"type": f"lifespan.{phase}"})
        response = await from_app.get()
        if response["type"] != f"lifespan.{phase}.complete":
            raise LifespanFailed(response.get("message", ""))

    try:
        await run_phase("startup")
        try:
            yield
        finally:
            await run_phase("shutdown")
    finally:
        await task


async def _run(
    app: App, scope: Message, to_app: asyncio.Queue[Message], from_app: asyncio.Queue[Message]
) -> None:
    try:
        await app(scope, to_app.get, from_app.put)
    finally:
        # For a caller that still waits.
        from_app.put_nowait({"type": "lifespan.ended", "message": "the application ended its lifespan early"})
