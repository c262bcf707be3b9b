"""Runs checks in a child process: they import modules that the server would keep in memory for as long as it runs."""

import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, SystemCheckError

CHECK_FAILURE = 3
"""The exit code of a child with a `SystemCheckError`, which Django prints without a prefix."""


def run_in_child(check: Callable[[], None]) -> None:
    """Call a function in a child process; in this process where there is no fork, where threads run, or under a debugger.

    Raises:
        CommandError: with the message of the error that the function raised.
    """
    # Of debugpy and PyCharm: a child would wait until the editor is attached to it, too.
    is_debugged = "pydevd" in sys.modules
    if not hasattr(os, "fork") or threading.active_count() > 1 or is_debugged:
        check()
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _run_and_exit(check, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        message = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        raise CommandError(f"the checks were ended by signal {-code}")
    if message:
        raise SystemCheckError(message) if code == CHECK_FAILURE else CommandError(message)
    if code:
        sys.exit(code)  # the child has printed a traceback


def _run_and_exit(check: Callable[[], None], writing: int) -> NoReturn:
    # Must not return: the caller's code would run in two processes.
    code = 0
    try:
        check()
    except (CommandError, ImproperlyConfigured) as error:
        code = CHECK_FAILURE if isinstance(error, SystemCheckError) else 1
        os.write(writing, str(error).encode())
    except BaseException:  # noqa: BLE001 - printed, whatever it is
        code = 1
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
