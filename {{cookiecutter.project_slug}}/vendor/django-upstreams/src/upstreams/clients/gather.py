"""Runs calls at the same time, and fails with the error of the first that fails."""

import asyncio
import logging
from collections.abc import Awaitable, Generator
from inspect import isawaitable, iscoroutine
from typing import Any, overload

from upstreams.core.errors import UpstreamError

logger = logging.getLogger(__name__)


@overload
async def gather[A](a: Awaitable[A], /) -> tuple[A]: ...
@overload
async def gather[A, B](a: Awaitable[A], b: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def gather[A, B, C](a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], /) -> tuple[A, B, C]: ...
@overload
async def gather[A, B, C, D](
    a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], /
) -> tuple[A, B, C, D]: ...
@overload
async def gather[A, B, C, D, E](
    a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], e: Awaitable[E], /
) -> tuple[A, B, C, D, E]: ...
@overload
async def gather[A, B, C, D, E, F](
    a: Awaitable[A], b: Awaitable[B], c: Awaitable[C], d: Awaitable[D], e: Awaitable[E], f: Awaitable[F], /
) -> tuple[A, B, C, D, E, F]: ...
@overload
async def gather[T](*awaitables: Awaitable[T]) -> tuple[T, ...]: ...
async def gather(*awaitables: Awaitable[Any]) -> tuple[Any, ...]:
    """Run awaitables at the same time and return their results, in the order of the arguments.

    If one fails, the others are cancelled and awaited, and its error is raised as it is, so that
    `except UpstreamStatusError` catches it; an `asyncio.TaskGroup` raises an `ExceptionGroup`, and `asyncio.gather`
    lets the others run on. If several fail, the first error is raised; the others are notes of it, and are logged.
    Each call inherits the deadline of the request. Cancelling the caller cancels them all.

    Args:
        awaitables: coroutines such as `quotes.random()`.

    Raises:
        TypeError: an argument cannot be awaited; nothing was started.
        BaseException: what the first awaitable that failed has raised.
    """
    _check(awaitables)
    results, errors = await _run(awaitables)
    if not errors:
        return tuple(results)
    # Raised here, not while the group is handled: that would chain the group to it.
    first, *others = errors
    for other in others:
        first.add_note(f"gather: another call failed, too: {other!r}")
    _report(others)
    raise first


async def _run(awaitables: tuple[Awaitable[Any], ...]) -> tuple[list[Any], list[BaseException]]:
    """Return the results, or the errors in the order in which they were raised."""
    caller = asyncio.current_task()
    assert caller is not None  # a coroutine runs in a task # noqa: S101 # nosec B101
    cancelling = caller.cancelling()
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_wait(awaitable)) for awaitable in awaitables]
    except BaseExceptionGroup as failed:
        errors = list(failed.exceptions)
        failed.__traceback__ = None  # asyncio's frame in it refers to the group: a cycle with all errors
    else:
        return [task.result() for task in tasks], []
    if caller.cancelling() > cancelling:  # by somebody else, which comes before any error
        _report(errors)
        raise asyncio.CancelledError
    return [], errors


async def _wait[T](awaitable: Awaitable[T]) -> T:
    return await awaitable


def _report(errors: list[BaseException]) -> None:
    for error in errors:
        # The message of an upstream's error says it all; another error is a bug, which needs its traceback.
        trace = None if isinstance(error, UpstreamError) else error
        logger.warning("gather: another call failed, too: %s", error or type(error).__name__, exc_info=trace)


def _check(awaitables: tuple[object, ...]) -> None:
    wrong = [value for value in awaitables if not isawaitable(value)]
    if not wrong:
        return
    listed = wrong[0] if isinstance(wrong[0], (list, tuple, set)) else ()
    for value in (*awaitables, *listed):
        if iscoroutine(value):
            value.close()  # otherwise Python warns that it was never awaited
    if isinstance(wrong[0], (list, tuple, set, Generator)):
        hint = "unpack it: gather(*calls)"
    else:
        hint = "call the method: gather(quotes.random(), …)" if callable(wrong[0]) else "pass coroutines"
    raise TypeError(f"gather() takes awaitables, got {type(wrong[0]).__name__}; {hint}")
