"""Names the functions that are given to threads: for the line of the access log, and for tests."""

import inspect
from collections.abc import Callable
from concurrent.futures import Executor
from contextvars import Context
from functools import partial
from typing import Any

from asgiref.sync import AsyncToSync

from upstreams.core import context

MAX_NAMES = 5
"""In the line of one request."""


def note(work: Callable[..., Any], hidden: tuple[str, ...] = (), executor: Executor | None = None) -> None:
    """Remember for the log line of the current request that a function was given to its thread.

    Args:
        work: what is submitted to the thread's executor.
        hidden: prefixes of names that are left out, because the line has a better one.
        executor: that it is submitted to.
    """
    stats = context.call_stats.get()
    if stats is not None and executor is not None:
        stats.executor = executor
    if stats is not None and len(stats.thread_taken_by) < MAX_NAMES:
        name = name_of(function_of(work))
        if name not in stats.thread_taken_by and not name.startswith(hidden):
            stats.thread_taken_by += (name,)


def function_of(work: Callable[..., Any]) -> Any:
    """Return the function that runs in the thread, without what asgiref, Django and decorators put around it."""
    # Undocumented: sync_to_async submits partial(thread_handler, …, partial(function, …)) (asgiref 3.13). Only read;
    # tests/package/fastpath/test_thread_use.py fails when it is something else.
    if isinstance(work, partial) and work.args and isinstance(work.args[-1], partial):
        work = work.args[-1]
    while isinstance(work, partial):
        in_context = isinstance(getattr(work.func, "__self__", None), Context)  # asyncio.to_thread
        work = work.args[0] if in_context else work.func
    view = inspect.unwrap(work, stop=lambda function: hasattr(function, "view_class"))
    return getattr(view, "view_class", None) or _cause(view)


def _cause(function: Any) -> Any:
    # Outside of a sync middleware, Django runs those as sync, too, that could be async. So the innermost of them is
    # the cause: what follows it is async.
    while (inner := _get_response_of(function)) is not None and not isinstance(inner, AsyncToSync):
        function = inspect.unwrap(inner)
    return function


def _get_response_of(middleware: Any) -> Any:
    if inspect.isfunction(middleware):
        return inspect.getclosurevars(middleware).nonlocals.get("get_response")
    inner = getattr(middleware, "get_response", None)
    return None if inspect.ismethod(inner) else inner  # a handler has a method of that name


def name_of(function: Any) -> str:
    """Return the dotted name of a function, of a method with its class, or of the class of another object."""
    owner = getattr(function, "__self__", None)
    if inspect.ismethod(function) and not isinstance(owner, type):
        return f"{name_of(type(owner))}.{function.__name__}"
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"
