"""A database with a queue, and workers."""

import json
import os
import subprocess
import sys

import pytest

from testing.upstream import answer
from tests.processes import SECONDS, free_port
from tests.worker.page import Page


@pytest.fixture
def environment(loopback, database_url):
    loopback.on("/random", answer({"text": "one pool", "author": "me"}))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
        "DATABASE_URL": database_url,
        "QUOTES_URL": loopback.url,
    }


@pytest.fixture
def queue(environment):
    def queue(*arguments):
        command = [sys.executable, "-m", "tests.worker.queue", *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, timeout=SECONDS)

    return queue


@pytest.fixture
def results(queue):
    return lambda: json.loads(queue("results").stdout)


@pytest.fixture
def start(environment):
    """Starts workers; whatever is left of them is killed when the test ends."""
    started = []

    def start(*arguments):
        command = [sys.executable, "manage.py", "worker", *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def answering(start):
    """Starts workers that have a port."""

    def answering():
        port = free_port()
        return Page(start("--port", str(port)), port)

    return answering
