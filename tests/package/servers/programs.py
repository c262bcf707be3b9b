"""Starts programs of this machine for a test, has them reload, and ends them with all their processes."""

import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress

import pytest

SECONDS = 30
OTHER = "nobody" if os.getuid() == 0 else None
"""Who runs those that refuse to serve as root."""
SBIN = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/usr/local/sbin"])


def path_of(program):
    """Where a program is; the test is skipped where it is not installed."""
    return shutil.which(program, path=SBIN) or pytest.skip(f"{program} is not installed here")


def is_installed(program):
    return shutil.which(program, path=SBIN) is not None


def free_port():
    """A port that no client of another process is given meanwhile."""
    while True:
        port = random.randrange(10_000, 30_000)
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


class Program:
    """A program that runs in the foreground.

    Args:
        command: its arguments.
        port: that it listens on.
        folder: its working directory, where it also writes `log`.
        reload: the signal at which it reloads.
        reloaded: what it has logged once for each reload.
        user: who runs it; None is the user of the tests.
    """

    def __init__(self, command, port, folder, *, reload=signal.SIGHUP, reloaded=None, user=None):
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self._reload, self._reloaded = reload, reloaded
        self._log = folder / f"log-{port}"
        with self._log.open("wb") as log:
            if user:
                shutil.chown(self._log, user)
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                user=user,
                group=user and pwd.getpwnam(user).pw_gid,
                extra_groups=[] if user else None,
            )
        try:
            self._wait(self._listens)
        except BaseException:
            self.stop()
            raise

    def reload(self):
        """Have it read its configuration again, while it serves."""
        done = self.reloads
        self._process.send_signal(self._reload)
        self._wait(lambda: self.reloads > done)

    @property
    def reloads(self):
        return self._log.read_text(errors="replace").count(self._reloaded)

    def stop(self):
        """End it, and whatever it has started."""
        try:
            self._process.terminate()
            self._process.wait(SECONDS)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def _listens(self):
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
            return True

    def _wait(self, holds):
        ends = time.monotonic() + SECONDS
        while not holds():
            if self._process.poll() is not None or time.monotonic() > ends:
                raise AssertionError(self._log.read_text(errors="replace")[-2000:])
            time.sleep(0.01)
