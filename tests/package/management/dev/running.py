"""A running `make dev`."""

import os
import pty
import signal
import subprocess
import threading
import time
import uuid
from contextlib import suppress

import psutil
from testproject.processes import SECONDS
from upstreams.core.httpx import httpx
from upstreams.management.dev.output import COLOURS


class Dev:
    """A running command, with a terminal of its own, and all that it has started."""

    def __init__(self, root, command, port, **env):
        self.root, self.port = root, port
        self.mark = uuid.uuid4().hex
        self.shown = ""
        kept = {
            name: os.environ[name] for name in ("HOME", "PATH", "PYTHONPYCACHEPREFIX") if name in os.environ
        }
        self.terminal, inside = pty.openpty()
        self.process = subprocess.Popen(
            command,
            cwd=root,
            env={**kept, "DEV_MARK": self.mark, "TERM": "xterm", **env},
            stdin=inside,
            stdout=inside,
            stderr=inside,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509 - now it is the controlling one
        )
        os.close(inside)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                self.shown += os.read(self.terminal, 65536).decode(errors="replace").replace("\r\n", "\n")
            except OSError:
                return

    @property
    def text(self):
        """What the terminal shows, without colours."""
        return COLOURS.sub("", self.shown)

    def type(self, text):
        os.write(self.terminal, text.encode())

    def says(self, words, since=0):
        """Wait for words, and return the position behind them."""
        self.until(lambda: words in self.text[since:])
        return self.text.index(words, since) + len(words)

    def until(self, holds, within=30):
        ends = time.monotonic() + within
        while not holds():
            assert time.monotonic() < ends, self.text
            time.sleep(0.02)

    def get(self, path="/"):
        """The text of a response; None while nobody listens."""
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=SECONDS, trust_env=False).text
        except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError):
            return None

    def post(self, url, **form):
        httpx.post(url, data=form, timeout=SECONDS, trust_env=False)

    def serves(self, text, path="/"):
        self.until(lambda: text in (self.get(path) or ""))

    def write(self, name, text):
        """Save as many editors do: a new file takes the place of the old one."""
        fresh = self.root / f"{name}.tmp"
        fresh.write_text(text)
        fresh.rename(self.root / name)

    def left(self):
        return [process for pid in psutil.pids() if (process := marked(pid, self.mark))]

    def everything_ends(self, within):
        self.until(lambda: self.process.poll() is not None and not self.left(), within)

    def kill(self):
        for process in self.left():
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        self.process.wait(SECONDS)
        os.close(self.terminal)


def marked(pid, mark):
    """The process of this id, if it has this mark."""
    try:
        process = psutil.Process(pid)
        return process if process.environ().get("DEV_MARK") == mark else None
    except (psutil.Error, IndexError):  # psutil reads an empty file of a process that is just ending
        return None
