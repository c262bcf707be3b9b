"""A thread of one's own, as an executor."""

import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from functools import partial
from queue import SimpleQueue
from typing import Any

from django.db import connections as databases


class OwnThread(Executor):
    """Runs what it is given in one thread, which its first work starts and whose database connections it closes.

    Unlike those of `ThreadPoolExecutor` the thread is a daemon: work that hangs does not keep the process.

    Args:
        name: of the thread.

    Attributes:
        ended: done when the thread has ended, or was never needed.
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
                _do(*work)
                del work  # it may hold what its caller wants to see go
        finally:
            databases.close_all()
            self.ended.set_result(None)


def _do(future: Future[Any], function: Callable[[], Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        future.set_result(function())
    except BaseException as error:  # noqa: BLE001 - it is its caller's
        future.set_exception(error)
