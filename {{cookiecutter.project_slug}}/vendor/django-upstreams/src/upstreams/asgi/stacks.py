"""Shows where a request that does not end is: in its thread, or in its coroutines."""

import asyncio
import sys
import traceback
from concurrent.futures import Executor
from concurrent.futures import thread as pool
from types import FrameType
from typing import Any


def stack_of(task: "asyncio.Task[Any] | None", executor: Executor | None) -> str:
    """Return what a request is in, the innermost call last.

    Args:
        task: of the request.
        executor: with the thread that the request has used, if any.
    """
    frame = _frame_of(executor)
    if frame is not None and frame.f_code.co_filename != pool.__file__:  # else the thread waits for work
        return "".join(traceback.format_stack(frame))
    return "" if task is None else _stack_of_task(task)


def _frame_of(executor: Executor | None) -> FrameType | None:
    # Private: ThreadPoolExecutor._threads and sys._current_frames() (CPython 3.12 to 3.14). They are only read;
    # tests/package/asgi/test_stuck_requests.py watches both.
    threads = tuple(getattr(executor, "_threads", ()))
    return sys._current_frames().get(threads[0].ident) if threads else None


def _stack_of_task(task: "asyncio.Task[Any]") -> str:
    frames = []
    coroutine: Any = task.get_coro()
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        frames.append((frame, frame.f_lineno))
        coroutine = coroutine.cr_await
    return "".join(traceback.StackSummary.extract(frames).format())
