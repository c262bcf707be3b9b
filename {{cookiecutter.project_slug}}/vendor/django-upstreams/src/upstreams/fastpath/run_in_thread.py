"""Runs the end of a request in its thread, however often the request is cancelled meanwhile."""

import asyncio
import sys
from collections.abc import Callable

from asgiref.sync import sync_to_async

from upstreams.fastpath.request_executor import clear_caller_executor


async def run_in_thread(work: Callable[[], object]) -> None:
    """Run the work exactly once and wait for it: a cancelled sync view may still run in the thread."""
    called = False
    cancelled: asyncio.CancelledError | None = None

    def once() -> None:
        nonlocal called
        if not called:
            called = True
            work()

    while True:
        clear_caller_executor()
        call = sync_to_async(once)()
        try:
            # Inside an `except` or `finally`, asgiref raises the same exception in the thread, which makes a cycle of it
            # and all its frames, with the chunk that was being sent. A task begins without an exception.
            await (call if sys.exc_info()[0] is None else asyncio.create_task(call))
            break
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled
