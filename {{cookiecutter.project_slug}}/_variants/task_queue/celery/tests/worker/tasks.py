"""Tasks that go well, and tasks that go wrong."""

import os
import signal
import sys
import time

from django.tasks import task

from services import UpstreamError
from tests.quotes import quotes


def say(*words):
    print(*words, flush=True)


@task(takes_context=True)
async def call(context):
    say((await quotes.random()).text)


@task(takes_context=True)
def fail_twice(context):
    say("attempt", context.attempt, context.task_result.id)
    if context.attempt < 3:
        raise LookupError("not yet")


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
    say("alive")


@task
def die():
    os.kill(os.getpid(), signal.SIGKILL)


@task
def take(seconds):
    say("started", os.getpid())
    time.sleep(seconds)
    say("ended")


@task
def return_a_set():
    return {1}


@task
def wait_for_upstream():
    raise UpstreamError("busy", retry_after=60)
