"""A service under test: the generated project, with its fast path or without, or the plain pattern."""

import contextlib
import json
import os
import re
import signal
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil
from client import CANARY, Client
from commands import PLAIN, command
from processes import Running, environment, free_port, run, wait_until

APPS = Path(__file__).parent / "apps"
OF_PROJECT = {"SECRET_KEY": "k" * 60, "ENV_FILE": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}


def migrate(project: Path, database_url: str) -> None:
    """Without its tables the generated project is not ready."""
    env = environment(**OF_PROJECT, **settings_of(project, "project_settings"), DATABASE_URL=database_url)
    run([".venv/bin/python", "manage.py", "migrate", "-v0"], project, env, 60)


def settings_of(project: Path, module: str) -> dict[str, str]:
    """Return the environment in which the project has settings of ours."""
    return {"PYTHONPATH": f"{project}{os.pathsep}{APPS}", "DJANGO_SETTINGS_MODULE": module}


class Target(Client):
    """A running service with an upstream `faulty` and an upstream `other`."""

    running: Running

    def __init__(self, name: str, project: Path, folder: Path) -> None:
        super().__init__(free_port())
        self.name = name
        self.project = project
        self._log = folder / f"log-{self.port}.txt"
        self._drain_file = folder / f"drain-{self.port}"

    def start(
        self,
        upstreams: Mapping[str, str],
        keys: Mapping[str, Any],
        *,
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        server: str = "uvicorn",
        workers: int = 1,
        prefix: tuple[str, ...] = (),
    ) -> None:
        """Begin to start. `prefix` is a command that runs the command of the server."""
        self._drain_file.unlink(missing_ok=True)
        self.server = server
        self.settings = dict(settings or {})
        self.env = {**self._environment(upstreams, keys), **(env or {})}
        arguments = command(self.name, server, self.port, workers, self.settings)
        self.running = Running(
            [*prefix, self.python, *arguments], self.project, environment(**self.env), self._log
        )

    @property
    def python(self) -> str:
        return str(self.project / ".venv" / "bin" / "python")

    def _environment(self, upstreams: Mapping[str, str], keys: Mapping[str, Any]) -> dict[str, str]:
        return {
            **settings_of(self.project, "" if self.name == PLAIN else "ours_settings"),
            "PYTHONUNBUFFERED": "1",
            "TARGET": self.name,
            "SECURE_SSL_REDIRECT": "false",
            **OF_PROJECT,
            "DRAIN_FILE": str(self._drain_file),
            "FAULTY": upstreams["faulty"],
            "OTHER": upstreams["other"],
            "KEYS": json.dumps(dict(keys)),
            "SETTINGS": json.dumps(self.settings),
            "CANARY": CANARY,
        }

    def wait_until_up(self) -> None:
        wait_until(lambda: self.is_up() or self.running.process.poll() is not None, 90)
        assert self.is_up(), self.log()

    def is_up(self) -> bool:
        return self.responds(200, "/livez")

    def responds(self, status: int, path: str, seconds: float = 1) -> bool:
        with contextlib.suppress(OSError, AssertionError):
            return self.get(path, seconds).status == status
        return False

    def shut_down(self) -> None:
        """Stop it as the platform does: by SIGTERM; where the server passes that on too late, after preStop."""
        if self.server != "uvicorn":
            self._drain_file.touch()
            time.sleep(self.settings["UPSTREAMS_TIMEOUTS"]["SHUTDOWN_DELAY"])
        self.running.terminate()

    def ends_within(self, seconds: float) -> bool:
        """Whether all of its processes end."""
        return self.running.everything_ends_within(seconds)

    def workers(self) -> set[int]:
        """The processes that response."""
        return {int(self.get("/pid", 2).body) for _ in range(20)}

    def kill(self, pid: int) -> None:
        psutil.Process(pid).send_signal(signal.SIGKILL)

    def stop(self) -> None:
        self.running.terminate()
        with contextlib.suppress(Exception):
            self.running.process.wait(2)
        self.running.kill()

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def megabytes(self) -> float:
        """The most memory it ever used."""
        status = Path(f"/proc/{self.running.process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024
