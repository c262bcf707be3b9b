"""A small service of its own, and its `make dev`."""

import random
import socket
import sys
from contextlib import suppress

import pytest

from management.dev.files import FILES
from management.dev.running import Dev


def free_port():
    """A port that no client of another process is given meanwhile."""
    while True:
        port = random.randrange(20_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


@pytest.fixture
def root(tmp_path):
    for name, text in FILES.items():
        lines = [line.removeprefix("        ") for line in text.strip("\n").splitlines()]
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def start(root):
    """Starts a command in that service; whatever is left of it is killed."""
    started = []

    def start(*command, **env):
        port = free_port()
        command = command or ("-m", "upstreams.management.dev", "{port}")
        line = [sys.executable, *(part.format(port=port) for part in command)]
        started.append(Dev(root, line, port, **env))
        return started[-1]

    yield start
    for dev in started:
        dev.kill()


@pytest.fixture
def dev(start):
    """`make dev` of that service, once it responds."""
    dev = start()
    dev.serves("first")
    return dev
