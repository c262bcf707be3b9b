"""`--reload` of a command: runs it in a child process, which is started anew when a file changes."""

import os
import sys
from typing import NoReturn

from django.core.management import CommandError
from django.utils.autoreload import get_child_arguments

IS_CHILD = "UPSTREAMS_RELOADING"
"""The environment variable that tells a command that somebody else watches the files."""


def is_child() -> bool:
    """Return whether this is the process that does the work."""
    return IS_CHILD in os.environ


def run(name: str) -> NoReturn:
    """Run the command of this process until a signal, and exit.

    Args:
        name: of the command, for messages.
    """
    if not hasattr(os, "fork"):
        raise CommandError("--reload needs a system with fork(); run the command without it")
    # Imported here: only a developer needs it.
    from upstreams.management.dev.guard import guard
    from upstreams.management.dev.process import Process
    from upstreams.management.dev.procfile import child_environment
    from upstreams.management.dev.supervisor import Supervisor

    # Undocumented: get_child_arguments() (Django 5.2 to 6.1), by which `runserver` restarts itself; it knows of
    # `python -m` and of debuggers. tests/package/management/dev/test_reload.py watches it.
    process = Process(name, get_child_arguments())

    def supervise(guard: int) -> int:
        return Supervisor(lambda: [process], lambda: child_environment() | {IS_CHILD: "1"}, None, guard).run()

    sys.exit(guard(supervise))
