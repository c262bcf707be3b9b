"""Ends a worker whose parent process is gone: an orphan would keep the port."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

SERVER_PID = "UPSTREAMS_SERVER_PID"
"""The environment variable in which `manage.py serve` passes its process id to its workers."""
PARENT_INTERVAL = 0.5
"""Seconds between two looks at the parent."""


@asynccontextmanager
async def watch_parent() -> AsyncIterator[None]:
    """Inside the block, end this process when the `manage.py serve` that started it is gone."""
    parent = int(os.environ.get(SERVER_PID, os.getpid()))
    if parent == os.getpid():
        yield  # not a worker
        return
    watching = asyncio.create_task(_watch(parent))
    try:
        yield
    finally:
        watching.cancel()


async def _watch(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - the system has no event for it
        await asyncio.sleep(PARENT_INTERVAL)
    logger.error("shutdown: the parent process is gone")
    # Twice, because the first signal begins SHUTDOWN_DELAY, and no load balancer knows an orphan.
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
