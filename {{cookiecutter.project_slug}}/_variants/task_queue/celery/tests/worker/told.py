"""What workers write, waited for."""

import json


def line(process):
    return process.stdout.readline().strip()


def until_said(process, word):
    return next(line for line in process.stderr if word in line)


def attempts(process, count):
    """What is told of the next ones."""
    said = (json.loads(line) for line in process.stderr if '"outcome"' in line)
    return [next(said) for _ in range(count)]


def outcomes(process, count):
    """Of the next attempts: which task, which attempt, what became of it."""
    told = attempts(process, count)
    return [(one["task"].rpartition(".")[2], one["attempt"], one["outcome"]) for one in told]
