"""A worker does not outlive the process that started it: an orphan would hold the port."""

import asyncio
import logging
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

SERVED_BY = "SERVED_BY"
"""The variable in which `manage.py serve` leaves its process id to its workers."""
LOOK = 0.5  # seconds between two looks at the parent


@asynccontextmanager
async def supervised() -> AsyncIterator[None]:
    """A worker of `manage.py serve` ends, inside the block, when that process is gone."""
    parent = int(os.environ.get(SERVED_BY, os.getpid()))
    if parent == os.getpid():
        yield  # it is no worker
        return
    looking = asyncio.create_task(_look_for(parent))
    try:
        yield
    finally:
        looking.cancel()


async def _look_for(parent: int) -> None:
    while os.getppid() == parent:  # noqa: ASYNC110 - the system has no event for it
        await asyncio.sleep(LOOK)
    logger.error("the process that started this one is gone: ending")
    # Twice, because the first one waits for the load balancer, which does not know orphans.
    for _ in range(2):
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
