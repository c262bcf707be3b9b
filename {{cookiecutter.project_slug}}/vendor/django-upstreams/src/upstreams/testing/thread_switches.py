"""Records what is given to threads, and from which line."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from unittest import mock

from upstreams.core.thread_use import function_of, name_of
from upstreams.testing.lines import line_of, line_of_project

DISPATCH = ("/django/core/handlers/", "/upstreams/fastpath/view_", "/upstreams/fastpath/inline_")
"""Where middleware and views are given to a thread: their own lines say more."""


@contextmanager
def record_thread_switches() -> Iterator[list[str]]:
    """Record functions that are given to thread pools, and threads that are started, as `name at file:line`."""
    seen: list[str] = []
    submit, start = ThreadPoolExecutor.submit, threading.Thread.start

    def recording_submit(
        executor: ThreadPoolExecutor, work: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        is_own = (
            getattr(work, "__self__", None) is executor
        )  # a RequestExecutor runs the work by a method of its own
        if args or not is_own:
            seen.append(_entry(args[0] if is_own else work))
        return submit(executor, work, *args, **kwargs)

    def recording_start(thread: threading.Thread) -> None:
        # Private: Thread._target (Python 3.12 to 3.14). Only read; testing/test_thread_switches.py starts threads.
        target = getattr(thread, "_target", None) or thread
        if getattr(target, "__module__", "") != "concurrent.futures.thread":  # recorded by its executor
            seen.append(_entry(target))
        start(thread)

    with (
        mock.patch.object(ThreadPoolExecutor, "submit", recording_submit),
        mock.patch.object(threading.Thread, "start", recording_start),
    ):
        yield seen


def _entry(work: Any) -> str:
    function = function_of(work)
    return f"{name_of(function)} at {line_of_project(DISPATCH) or line_of(function)}"
