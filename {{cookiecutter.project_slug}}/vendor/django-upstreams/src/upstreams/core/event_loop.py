"""Which event loop runs in this thread."""

import asyncio


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop that runs in this thread, if any."""
    # Private by its name, but in asyncio.__all__: like get_running_loop(), with None instead of an error.
    # clients/test_settings_changed.py and clients/test_background.py of tests/package watch both cases.
    return asyncio._get_running_loop()
