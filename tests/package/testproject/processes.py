"""A service as a process, with telemetry unless told otherwise."""

import os
import socket
import subprocess
import sys
import threading
from contextlib import contextmanager
from functools import partial

SECONDS = 60


def environment(upstream, **env):
    own = {
        "DJANGO_SETTINGS_MODULE": "testproject.telemetry.settings",
        "QUOTES_URL": upstream.url,
        "NO_PROXY": "127.0.0.1",
    }
    return os.environ | own | env


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def token(environment):
    """The key of a program that acts as the user ada."""
    run = partial(
        subprocess.run, env=environment, check=True, capture_output=True, text=True, timeout=SECONDS
    )
    user = ["--username", "ada", "--email", "ada@example.com"]
    run([sys.executable, "manage.py", "createsuperuser", "--no-input", *user])
    return run([sys.executable, "manage.py", "createtoken", "ada", "--name", "a test"]).stdout.strip()


@contextmanager
def serving(upstream, *arguments, **env):
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "manage.py", "serve", "--port", str(port), *arguments],
        env=environment(upstream, **env),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        process.says = seen(process, "Uvicorn running")
        process.url = f"http://127.0.0.1:{port}"
        yield process
    finally:
        process.terminate()
        process.rest = process.communicate(timeout=SECONDS)[1]


def seen(process, words, stream=None):
    """Read what a process logs, or prints, until a line holds these words; a process that never logs them is killed."""
    lines = []
    killer = threading.Timer(SECONDS, process.kill)
    killer.start()
    try:
        for line in stream or process.stderr:
            lines.append(line)
            if words in line:
                return lines
    finally:
        killer.cancel()
    raise AssertionError("".join(lines))
