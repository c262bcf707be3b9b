"""Reads the Procfile: the commands that `make dev` runs, besides the mocks of upstreams, and their variables."""

import os
import re
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from upstreams.asgi.graceful_shutdown import RELOADING
from upstreams.environ.variables import all_variables
from upstreams.management.dev.mocks import DevMocks
from upstreams.management.dev.output import uses_colours
from upstreams.management.dev.process import Process

LINE = re.compile(r"([\w-]+):\s*(.+?)\s*(?:\s#.*)?")
BASE_URL = re.compile(r"\$\{?(UPSTREAMS__\w+__BASE_URL)\b")
# One program and its arguments, which needs no shell beside it.
SIMPLE = re.compile(r"(?!\w+=|exec\b)[^;&|()`<>]+")


class Procfile:
    """The commands that run beside each other, and their variables.

    Each `$UPSTREAMS__ALIAS__BASE_URL` in it that nobody has set is an address of this machine with a free port: a
    command there plays that upstream, and another `make dev` beside it is not disturbed.

    Args:
        path: of the file. While there is none, what it held last counts.
        port: `$PORT`.
        mocks: of the upstreams.
    """

    def __init__(self, path: Path, port: str, mocks: DevMocks) -> None:
        self._path = path
        self._port = port
        self._mocks = mocks
        self._text = ""
        self._urls: dict[str, str] = {}
        self._changed = -1
        self._known: list[Process] = []

    def processes(self) -> list[Process]:
        """Return the commands, the mocks first. They are the same processes until the file changes.

        Those that begin with `python` are started anew when a file changes. Comments begin with ` #`.
        """
        changed = 0
        with suppress(OSError):
            changed = self._path.stat().st_mtime_ns
            self._text = self._path.read_text(errors="replace")
        if changed != self._changed:
            self._changed = changed
            found = [LINE.fullmatch(line.strip()) for line in self._text.splitlines()]
            self._known = [_process(*match.groups()) for match in found if match]
        return [*self._mocks.processes(), *self._known]

    def environment(self) -> Mapping[str, str]:
        """Return the variables of the commands."""
        # Read anew at each start: a variable may have been written into `.env`.
        given = all_variables()
        urls = {name: given.get(name) or self._free_url(name) for name in BASE_URL.findall(self._text)}
        return child_environment() | {"PORT": self._port} | urls | self._mocks.environment()

    def _free_url(self, name: str) -> str:
        if name not in self._urls:
            self._urls[name] = f"http://127.0.0.1:{free_port()}"
        return self._urls[name]


def child_environment() -> dict[str, str]:
    """Return the variables of this process, and those by which its children write as if to this terminal."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # the Procfile's `python` is this one
    colours = {"FORCE_COLOR": "1"} if uses_colours() else {}
    return {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1", RELOADING: "1", **colours}


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _process(name: str, command: str) -> Process:
    # exec: a shell would not pass on SIGTERM.
    line = f"exec {command}" if SIMPLE.fullmatch(command) else command
    return Process(name, ["/bin/sh", "-c", line], restarts=command.split()[0].startswith("python"))
