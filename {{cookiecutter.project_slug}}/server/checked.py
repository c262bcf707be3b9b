"""Runs checks in a child, which takes along what only they import: some MB, for as long as the service runs."""

import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import NoReturn

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, SystemCheckError

FAULTS_FOUND = 3
"""How the child ends with a `SystemCheckError`, which Django prints otherwise than others."""


def in_a_child(check: Callable[[], None]) -> None:
    """Calls it; here, where there are no children, or threads that they would not have.

    Raises:
        CommandError: with the words of that which it raised.
    """
    if not hasattr(os, "fork") or threading.active_count() > 1:
        check()
        return
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        _end_after(check, writing)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if code < 0:
        raise CommandError(f"the checks were ended by signal {-code}")
    if said:
        raise SystemCheckError(said) if code == FAULTS_FOUND else CommandError(said)
    if code:
        sys.exit(code)  # it has printed a traceback


def _end_after(check: Callable[[], None], writing: int) -> NoReturn:
    # Never back to the caller, who is there twice.
    code = 0
    try:
        check()
    except (CommandError, ImproperlyConfigured) as error:
        code = FAULTS_FOUND if isinstance(error, SystemCheckError) else 1
        os.write(writing, str(error).encode())
    except BaseException:  # noqa: BLE001 - whatever it is, it is said
        code = 1
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)
