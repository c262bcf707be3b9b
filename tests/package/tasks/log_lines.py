"""What workers write to standard output and to their logs."""

import json


def line(process):
    """The next line of a task's output."""
    return process.stdout.readline().strip()


def wait_for_line(process, *words):
    """The next log line that contains one of these."""
    return next(line for line in process.stderr if any(word in line for word in words))


def attempts(process, count):
    """The log lines of the next attempts."""
    found = (json.loads(line) for line in process.stderr if '"outcome"' in line)
    return [next(found) for _ in range(count)]


def outcomes(process, count):
    """Task, number and outcome of the next attempts."""
    found = attempts(process, count)
    return [(one["task"].rpartition(".")[2], one["attempt"], one["outcome"]) for one in found]
