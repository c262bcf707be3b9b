"""An executor with one daemon thread."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any

from django.db import connections as databases


class DaemonThreadExecutor(Executor):
    """Runs functions in one thread, started by the first of them, and closes its database connections at the end.

    Unlike the threads of `ThreadPoolExecutor`, this one is a daemon: a function that hangs does not keep the
    process alive.

    Args:
        name: of the thread.

    Attributes:
        ended: done when the thread has ended, or was never started.
    """

    def __init__(self, name: str) -> None:
        self.ended: Future[None] = Future()
        self._name = name
        self._thread: threading.Thread | None = None
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = SimpleQueue()

    def submit[T](self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        self._queue.put((future, partial(function, *args, **kwargs)))
        if self._thread is None:
            self._thread = threading.Thread(target=self._main, name=self._name, daemon=True)
            self._thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._queue.put(None)
        if self._thread is None:
            self.ended.set_result(None)
        elif wait:
            self._thread.join()

    def _main(self) -> None:
        try:
            while (work := self._queue.get()) is not None:
                _run(*work)
                del work  # a reference kept here would delay the collection of its arguments
        finally:
            databases.close_all()
            self.ended.set_result(None)


def _run(future: Future[Any], function: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - raised where the future is awaited
        future.set_exception(error)
