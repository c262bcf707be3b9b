"""Which event loop runs in this thread, and whether its task is cancelled."""

import asyncio


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread, if any."""
    # Private by its name, but in asyncio.__all__: like get_running_loop(), with None instead of an error.
    # clients/test_settings_changed.py and clients/test_background.py of tests/package watch both cases.
    return asyncio._get_running_loop()


def is_cancelled(error: BaseException) -> bool:
    """Return whether an error means that the running task itself is cancelled, not one that it waited for."""
    task = asyncio.current_task()
    return isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling() > 0
