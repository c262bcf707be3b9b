"""What a worker process does for the page: it responds to the others, and ends its own streams when it drains."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from upstreams.contrib.upstreams_page import orders, questions, readings, siblings
from upstreams.contrib.upstreams_page.questions import Look


def _never() -> bool:
    return False


is_draining: Callable[[], bool] = _never
"""Returns whether the process is about to shut down."""


@asynccontextmanager
async def run(draining: Callable[[], bool]) -> AsyncIterator[None]:
    """Respond to the other workers inside the block."""
    global is_draining
    is_draining = draining
    try:
        async with siblings.listen(_respond):
            yield
    finally:
        is_draining = _never


async def _respond(text: bytes) -> Any:
    question = questions.decode(text)
    return readings.read(question.since) if isinstance(question, Look) else await orders.obey(question)
