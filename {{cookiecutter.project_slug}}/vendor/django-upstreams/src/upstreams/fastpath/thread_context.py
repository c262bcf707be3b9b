"""Runs the thread-sensitive code of one request in a given executor."""

from concurrent.futures import Executor

from asgiref.sync import SyncToAsync, ThreadSensitiveContext


class ThreadSensitiveScope(ThreadSensitiveContext):
    """Sends the thread-sensitive code of a block to an executor, at a third of the cost of asgiref's context.

    asgiref's looks for the executor of a sync caller, to hide it. Here, `ThreadPool` has checked that there is none.

    Args:
        executor: has one thread.
    """

    def __init__(self, executor: Executor) -> None:
        super().__init__(executor=executor)
        self._executor_of_block = executor

    # Private: SyncToAsync.thread_sensitive_context and .context_to_thread_executor, ThreadSensitiveContext._exited
    # (asgiref 3.13). Set and reset as in its __aenter__ and __aexit__; tests/package/fastpath/test_thread_pool.py
    # compares both methods, and SyncToAsync.__call__, which reads them.
    def __enter__(self) -> None:
        self._entered = SyncToAsync.thread_sensitive_context.set(self)
        SyncToAsync.context_to_thread_executor[self] = self._executor_of_block

    def __exit__(self, *_: object) -> None:
        del SyncToAsync.context_to_thread_executor[self]
        SyncToAsync.thread_sensitive_context.reset(self._entered)
        self._exited = True  # a task that outlives the block gets a RuntimeError instead of another thread
