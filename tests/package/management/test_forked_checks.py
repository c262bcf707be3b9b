"""Checks in a child: whatever they end with is known here, and here goes on once."""

import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.processes

SCRIPT = """
import os, signal, sys
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, SystemCheckError
from upstreams.management.forked_checks import run_in_child
here = os.getpid()
def check():
    assert os.getpid() != here
    {body}
try:
    run_in_child(check)
except BaseException as error:
    print(type(error).__name__, error)
print("went on")
"""


def outcome(body):
    command = [sys.executable, "-c", SCRIPT.format(body=body)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines(), done.stderr


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return", []),
        ("raise CommandError('no database')", ["CommandError no database"]),
        ("raise SystemCheckError('two issues')", ["SystemCheckError two issues"]),
        ("raise ImproperlyConfigured('no key')", ["CommandError no key"]),
        ("raise LookupError('a bug')", ["SystemExit 1"]),
        (f"os.kill(os.getpid(), {signal.SIGKILL:d})", ["CommandError the checks were ended by signal 9"]),
    ],
)
def test_what_checks_end_with_is_known_and_the_caller_goes_on_once(body, said):
    lines, printed = outcome(body)
    assert lines == [*said, "went on"]
    assert ("LookupError: a bug" in printed) is ("a bug" in body)


def test_under_a_debugger_there_is_no_child_that_would_wait_for_its_editor():
    script = (
        "import os, sys; sys.modules['pydevd'] = sys\n"
        "from upstreams.management.forked_checks import run_in_child\n"
        "run_in_child(lambda: print(os.getpid()))\n"
        "print(os.getpid())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True
    )
    in_check, after = done.stdout.split()
    assert in_check == after
