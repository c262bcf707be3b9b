"""A process that calls, forks, and calls in parent and child; prints what it has registered and got as JSON."""

import atexit
import json
import multiprocessing
import os

registered = []
register_at_fork, register = os.register_at_fork, atexit.register


def note_fork_hook(**hooks):
    registered.extend(str(hook.__module__) for hook in hooks.values())
    register_at_fork(**hooks)


def note_exit_hook(function, *args, **kwargs):
    registered.append(str(function.__module__))
    return register(function, *args, **kwargs)


def hooks():
    return sorted(module for module in registered if module.startswith("upstreams."))


os.register_at_fork, atexit.register = note_fork_hook, note_exit_hook

import django
from asgiref.sync import async_to_sync

from testproject.quotes import quotes


def call(outcomes):
    outcomes.put([async_to_sync(quotes.random)().text for _ in range(2)])


if __name__ == "__main__":
    django.setup()
    found = {"hooks after import": hooks()}
    fork = multiprocessing.get_context("fork")
    outcomes = fork.SimpleQueue()
    call(outcomes)
    found["parent"] = outcomes.get()
    found["hooks after the calls"] = hooks()
    child = fork.Process(target=call, args=[outcomes])
    child.start()
    child.join()
    found["child"] = outcomes.get()
    call(outcomes)
    found["parent after the fork"] = outcomes.get()
    found["hooks at the end"] = hooks()
    print(json.dumps(found))
