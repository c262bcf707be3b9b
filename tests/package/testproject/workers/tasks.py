"""Tasks that go well, and tasks that go wrong."""

import logging
import math
import os
import signal
import sys
import time
from pathlib import Path

from django.tasks import task
from structlog.contextvars import bind_contextvars

from testproject.quotes import quotes

logger = logging.getLogger(__name__)


def say(word):
    print(word, flush=True)


@task
async def call():
    return (await quotes.random()).text


@task
def bind(word):
    bind_contextvars(word=word)


@task(takes_context=True)
def fail_twice(context):
    say(f"attempt {context.attempt}")
    if context.attempt < 3:
        raise LookupError("not yet")
    return "at last"


@task
def fail():
    raise LookupError("never")


@task
def exit_the_process():
    sys.exit("no")


@task(takes_context=True)
def die_once(context):
    if context.attempt == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return "alive"


@task(takes_context=True)
def hang_once(context):
    if context.attempt == 1:
        say("started")
        time.sleep(60)


@task(takes_context=True)
def freeze_once(context):
    if context.attempt == 1:
        say("frozen")
        os.kill(os.getpid(), signal.SIGSTOP)
        time.sleep(1)  # this thread may go on for a moment
        return "late"
    return "alive"


@task
def die():
    os.kill(os.getpid(), signal.SIGKILL)


@task
def take(seconds):
    say("started")
    time.sleep(seconds)
    say("ended")
    return seconds


@task
def return_a_set():
    return {1}


@task
def note(word):
    logger.info("a line of the task")


@task
async def ask():
    await quotes.random()


@task
def recur():
    say("recurred")


class Unwritable(Exception):
    """What it carries, and what it does when somebody looks at it."""

    def __init__(self, kind):
        super().__init__({"nul": "a\0b", "surrogate": "a\ud800b", "digits": 10**5000}.get(kind, kind))
        self.kind = kind
        self.retry_after = {"retry_after": 10**300, "infinity": math.inf, "word": "soon"}.get(kind)

    def __str__(self):
        if self.kind == "str":
            raise LookupError("no text")
        return super().__str__()

    def __repr__(self):
        if self.kind == "repr":
            sys.exit("no text")
        if self.kind == "recursion":
            return repr(self)
        return super().__repr__()

    def __reduce__(self):
        raise TypeError("cannot be pickled")


@task
def fail_unwritably(kind):
    raise Unwritable(kind)


@task
def return_unwritably(kind):
    return {"nul": "a\0b", "surrogate": "\ud800", "infinity": math.inf, "digits": 10**5000}[kind]


@task
def leave_cycle(megabytes):
    block = [b"x" * (megabytes * 2**20)]
    block.append(block)


@task
def say_peak():
    """Print the megabytes of memory that this process has had at most."""
    peak = Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]
    say(int(peak) // 1024)
