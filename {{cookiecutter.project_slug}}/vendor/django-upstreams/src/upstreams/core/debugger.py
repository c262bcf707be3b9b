"""Whether somebody debugs this process: while people read a prompt, no deadline passes.

From the first prompt on, until the process ends, timeouts cut nothing: all that was in flight meanwhile is late, and
who has looked once will look again. asgi/loop_watchdog.py looks for prompts, under DEBUG alone.
"""

import sys
from types import FrameType

in_use = False
"""Whether a debugger is attached, or has shown a prompt."""


def look() -> bool:
    """Set and return `in_use`."""
    global in_use
    # pydevd is debugpy and PyCharm. Every other debugger has its prompt within a frame of bdb.
    # Private: sys._current_frames() (CPython). It only reads; asgi/test_debugger.py watches it.
    in_use = in_use or "pydevd" in sys.modules or any(map(_is_at_prompt, sys._current_frames().values()))
    return in_use


def _is_at_prompt(frame: FrameType | None) -> bool:
    while frame is not None:
        if frame.f_globals.get("__name__") == "bdb":
            return True
        frame = frame.f_back
    return False
