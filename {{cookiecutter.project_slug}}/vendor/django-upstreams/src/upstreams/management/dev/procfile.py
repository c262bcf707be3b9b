"""Reads the Procfile: the commands that `make dev` runs, and the variables that they get."""

import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from upstreams.environ.variables import all_variables
from upstreams.management.dev.output import uses_colours
from upstreams.management.dev.process import Process

LINE = re.compile(r"([\w-]+):\s*(.+?)\s*(?:\s#.*)?")
BASE_URL = re.compile(r"\$\{?(UPSTREAMS__\w+__BASE_URL)\b")
# One program and its arguments, which needs no shell beside it.
SIMPLE = re.compile(r"(?!\w+=|exec\b)[^;&|()`<>]+")


def read_procfile(text: str) -> list[Process]:
    """Return the commands of a Procfile.

    Those that begin with `python` are started anew when a file changes. Comments begin with ` #`.
    """
    found = [LINE.fullmatch(line.strip()) for line in text.splitlines()]
    return [_process(*match.groups()) for match in found if match]


class Environment:
    """The variables of the commands.

    Each `$UPSTREAMS__ALIAS__BASE_URL` of the Procfile that nobody has set is an address of this machine with a free
    port: a command there plays that upstream, and another `make dev` beside it is not disturbed.

    Args:
        text: of the Procfile.
        port: `$PORT`.
    """

    def __init__(self, text: str, port: str) -> None:
        self._urls = {name: f"http://127.0.0.1:{free_port()}" for name in BASE_URL.findall(text)}
        self._port = port

    def __call__(self) -> Mapping[str, str]:
        # Read anew at each start: a variable may have been written into `.env`.
        given = all_variables()
        urls = {name: given.get(name, url) for name, url in self._urls.items()}
        return child_environment() | {"PORT": self._port} | urls


def child_environment() -> dict[str, str]:
    """Return the variables of this process, and those by which its children write as if to this terminal."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # the Procfile's `python` is this one
    colours = {"FORCE_COLOR": "1"} if uses_colours() else {}
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", **colours}


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _process(name: str, command: str) -> Process:
    # exec: a shell would not pass on SIGTERM.
    line = f"exec {command}" if SIMPLE.fullmatch(command) else command
    return Process(name, ["/bin/sh", "-c", line], restarts=command.split()[0].startswith("python"))
