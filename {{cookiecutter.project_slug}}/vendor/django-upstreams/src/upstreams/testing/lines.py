"""The lines of a project that a report of the test kit names."""

import inspect
import sys
from typing import Any

from upstreams import conf

NOT_OF_THE_PROJECT = ("/.venv/", "/site-packages/", "/upstreams/")


def line_of_project(stop: tuple[str, ...] = ()) -> str | None:
    """Return the innermost line of the project that is running, or None.

    Args:
        stop: parts of file names; from there on, the search ends.
    """
    here = str(conf.base_dir())
    # Private by its name, but documented: the frames are read faster than by `traceback`.
    frame = sys._getframe(1)
    while frame.f_back is not None:
        file = frame.f_code.co_filename
        if any(part in file for part in stop):
            return None
        if file.startswith(here) and not any(folder in file for folder in NOT_OF_THE_PROJECT):
            return f"{file.removeprefix(here)[1:]}:{frame.f_lineno}"
        frame = frame.f_back
    return None


def line_of(function: Any) -> str:
    """Return the line that defines a function or the class of an object."""
    if not (inspect.isroutine(function) or isinstance(function, type)):
        function = type(function)
    try:
        file, line = inspect.getsourcefile(function), inspect.getsourcelines(function)[1]
    except (OSError, TypeError):  # written in C
        return "a line outside of the project"
    return (
        f"{str(file).removeprefix(str(conf.base_dir())).lstrip('/').rpartition('/site-packages/')[2]}:{line}"
    )
