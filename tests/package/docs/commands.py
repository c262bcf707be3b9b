"""Runs the commands of `sh` blocks; those that start a server are stopped when it listens."""

import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from http.client import HTTPConnection

SECONDS = 120
SERVERS = ("python manage.py serve", "python manage.py runbolt", "uvicorn ")
MOCKS = "python manage.py mockupstreams"


def run_lines(text, project, env):
    first, _, rest = text.partition("\n")
    if first.startswith(MOCKS):
        with mocking(first, project, env) as addresses:
            for shown, actual in zip(
                ("http://127.0.0.1:8101", "http://127.0.0.1:8100"), addresses, strict=True
            ):
                rest = rest.replace(shown, actual)
            run_lines(rest, project, env)
        return
    for line in text.splitlines():
        if line.startswith(SERVERS):
            with serving(line.replace("--port 8000", ""), project, env):
                pass
        else:
            run(line, project, env)


@contextmanager
def mocking(line, project, env):
    """Run mocks, and return the addresses of the first one and of their page, wherever ports are free."""
    process = subprocess.Popen(
        ["sh", "-c", f"exec {line}"], cwd=project, env=env, stdout=subprocess.PIPE, text=True
    )
    try:
        printed = iter(process.stdout.readline, "")
        first = next(printed).split()[1]
        page = next(words for line in printed if (words := line.partition("unreachable: ")[2])).strip("/\n")
        yield first, page
    finally:
        process.terminate()
        process.wait(timeout=SECONDS)
        process.stdout.close()


def run(line, project, env):
    """Run one command, and return what it has printed."""
    done = subprocess.run(
        ["sh", "-c", f"exec {line}"],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class Server:
    """A server on a port of this machine."""

    def __init__(self, port):
        self.port = port
        self.process = None
        self._is_stopping = False

    def stop(self):
        """Send SIGTERM, once: a second one ends some servers at once."""
        if not self._is_stopping:
            self._is_stopping = True
            self.process.terminate()

    def get(self, path):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        connection.request("GET", f"/{path}")
        response = connection.getresponse()
        response.read()
        connection.close()
        return response


@contextmanager
def serving(line, project, env):
    """Start a server, wait until it is ready, and stop it by SIGTERM at the end."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(listener.getsockname()[1])
    log = project / "server.log"
    with log.open("w") as output:
        process = server.process = subprocess.Popen(
            ["sh", "-c", f"exec {line} --port {server.port}"],
            cwd=project,
            env=env,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until_ready(process, server)
        yield server
    finally:
        server.stop()
        code = process.wait(timeout=SECONDS)
    # uvicorn ends by the signal that it has handled.
    assert code in (0, -signal.SIGTERM), f"{line}: {code}: {log.read_text()}"


def wait_until_ready(process, server):
    ends = time.monotonic() + SECONDS
    while time.monotonic() < ends and process.poll() is None:
        try:
            if server.get("readyz").status in (200, 404):  # 404: of an application without probes
                return
        except OSError:
            pass
        time.sleep(0.05)
    raise AssertionError(f"not ready, pid {os.getpid()}: code {process.poll()}")
