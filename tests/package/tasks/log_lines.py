"""What workers write to standard output and to their logs."""

import json
from itertools import islice

from testproject.processes import SECONDS


def line(process):
    """The next line of a task's output."""
    return process.stdout.readline().strip()


def log_lines(process, *words):
    """The next log lines that contain one of these. Where the log ends first, the test fails with what was in it."""
    passed = []
    for found in process.stderr:
        if any(word in found for word in words):
            yield found
        else:
            passed.append(found)
    raise AssertionError(
        f"the log ended (exit code {process.poll()}) before {words}; before that:\n{''.join(passed)}"
    )


def wait_for_line(process, *words):
    """The next log line that contains one of these."""
    return next(log_lines(process, *words))


def attempts(process, count):
    """The log lines of the next attempts."""
    return [json.loads(found) for found in islice(log_lines(process, '"outcome"'), count)]


def outcomes(process, count):
    """Task, number and outcome of the next attempts."""
    found = attempts(process, count)
    return [(one["task"].rpartition(".")[2], one["attempt"], one["outcome"]) for one in found]


def assert_success(process):
    """Wait for a worker to end with code 0. Otherwise, the test fails with the rest of its log."""
    code = process.wait(SECONDS)
    assert code == 0, f"exit code {code}; the log ends:\n{process.stderr.read()}"
