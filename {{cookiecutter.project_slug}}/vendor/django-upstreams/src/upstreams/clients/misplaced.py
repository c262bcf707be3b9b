"""Says where to put a call that is made at import, in `AppConfig.ready`, or by sync code in an event loop."""

import sys
from types import FrameType

from asgiref.sync import AsyncToSync

from upstreams.core.event_loop import running_loop

PLACES = "call it in the view, task or command that needs it, or when the service starts: in on_startup of the upstream"
SYNC_CALL = "You cannot use AsyncToSync in the same thread as an async event loop"
"""How asgiref's error begins. tests/package/clients/test_misplaced.py has it."""
SYNC_CALL_NOTE = (
    "An upstream is called by async_to_sync where an event loop runs. In async code write `await quotes.random()`. "
    "Run sync code that calls it in a thread: `await sync_to_async(form.is_valid)()`, "
    "`await sync_to_async(render)(request, …)` for a template tag, `await signal.asend(…)` for a receiver. "
    f"At import, {PLACES}."
)


def refuse_early_call(name: str) -> None:
    """Refuse a call that would open the clients of a process that is still being imported.

    Every process would make such a call, `migrate` and `check` included, and a server that imports its application
    in an event loop could not start.

    Args:
        name: of the call, for the message.

    Raises:
        RuntimeError: the caller is the import of a module, or `AppConfig.ready`.
    """
    frame = _frame_of_caller()
    module = ready = None
    while frame is not None:
        where, function = frame.f_globals.get("__name__"), frame.f_code.co_name
        if function == "<module>":
            module = module or frame
        elif function == "ready":
            ready = frame
        elif where == "importlib._bootstrap" and module is not None:
            raise RuntimeError(f"{name}: called by an import, in {_place(module)}; {PLACES}")
        elif where == "django.apps.registry" and ready is not None:
            raise RuntimeError(f"{name}: called by AppConfig.ready, in {_place(ready)}; {PLACES}")
        frame = frame.f_back


def explain_sync_call(error: BaseException) -> None:
    """Add a note to asgiref's error about sync code in an event loop, which does not say what to write."""
    if isinstance(error, RuntimeError) and str(error).startswith(SYNC_CALL):
        error.add_note(SYNC_CALL_NOTE)


def _frame_of_caller() -> FrameType | None:
    loop = running_loop()
    # Without a running loop, async_to_sync runs the coroutine in a loop of another thread, and waits in its own.
    executor = AsyncToSync.loop_thread_executors.get(loop) if loop is not None else None
    # Private: CurrentThreadExecutor._work_thread, the thread that waits. Without it, the call is not refused.
    # tests/package/clients/test_misplaced.py watches it.
    thread = getattr(executor, "_work_thread", None)
    return sys._getframe(1) if thread is None else sys._current_frames().get(thread.ident)


def _place(frame: FrameType) -> str:
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}"
