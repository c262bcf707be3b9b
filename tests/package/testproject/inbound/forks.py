"""Reads ports from its input, and for each forks a process that is `manage.py serve`; prints the ids of the processes.

A process that is killed is replaced in a tenth of the time that Python takes to import a service.
"""

import os
import signal
import sys

import django
from django.core import checks
from django.core.management import call_command
from django.utils.module_loading import import_string


def main():
    django.setup()
    import_string("testproject.asgi.application")
    checks.run_checks()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody else waits for them
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
            call_command("serve", "--port", line.strip())
            return
        print(pid, flush=True)


if __name__ == "__main__":
    main()
