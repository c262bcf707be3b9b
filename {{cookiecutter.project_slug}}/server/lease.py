"""Where the thread-sensitive code of one request runs."""

from concurrent.futures import Executor

from asgiref.sync import SyncToAsync, ThreadSensitiveContext


class Lease(ThreadSensitiveContext):
    """Sends the thread-sensitive code of a block to an executor, as asgiref's own does, at a third of the cost.

    That one looks for the executor of a caller, to hide it: here it has to be known that there is none. It
    leans on names that asgiref does not document; tests/path/test_executors.py fails when they change.

    Args:
        executor: has one thread.
    """

    def __init__(self, executor: Executor) -> None:
        super().__init__(executor=executor)
        self._lent = executor

    def __enter__(self) -> None:
        self._entered = SyncToAsync.thread_sensitive_context.set(self)
        SyncToAsync.context_to_thread_executor[self] = self._lent

    def __exit__(self, *_: object) -> None:
        del SyncToAsync.context_to_thread_executor[self]
        SyncToAsync.thread_sensitive_context.reset(self._entered)
        self._exited = True  # what outlives the block is refused
