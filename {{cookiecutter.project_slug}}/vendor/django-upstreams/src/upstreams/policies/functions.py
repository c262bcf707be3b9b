"""Calls functions of the application, sync or async, in the event loop that owns the clients."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

from django.db import close_old_connections


async def call(function: Callable[..., Any], *args: object) -> Any:
    """Return what a function returns. A sync one runs in a thread: it may wait, or use the database."""
    if inspect.iscoroutinefunction(function):
        return await function(*args)
    found = await asyncio.to_thread(_call, function, *args)
    return await found if inspect.isawaitable(found) else found


def _call(function: Callable[..., Any], *args: object) -> Any:
    close_old_connections()
    try:
        return function(*args)
    finally:
        close_old_connections()
