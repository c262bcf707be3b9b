"""A service under test: the generated project, or the plain pattern. And a client that asks nothing of either."""

import asyncio
import contextlib
import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from processes import environment, free_port, wait_until

APPS = Path(__file__).parent / "apps"


@dataclass
class Answer:
    """What the target said; `seconds` until its last byte."""

    status: int
    seconds: float
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body or b"{}")


class Target:
    """A running service with an upstream `faulty` and an upstream `other`."""

    def __init__(self, name: str, project: Path, log: Path) -> None:
        self.name = name
        self.port = free_port()
        self._project = project
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, faulty: str, other: str, keys: Mapping[str, Any], env: Mapping[str, str] | None = None
    ) -> None:
        python = self._project / ".venv" / "bin" / "python"
        command = [str(python), "manage.py", "serve", "--port", str(self.port)]
        if self.name == "plain":
            command = [
                str(python),
                "-m",
                "uvicorn",
                "plain:application",
                "--port",
                str(self.port),
                "--lifespan",
                "on",
            ]
        more = {
            "PYTHONPATH": f"{self._project}{os.pathsep}{APPS}",
            "PYTHONDONTWRITEBYTECODE": "1",
            "DJANGO_SETTINGS_MODULE": "ours_settings" if self.name == "ours" else "",
            "SECRET_KEY": "k" * 60,
            "SECURE_SSL_REDIRECT": "false",
            "ENV_FILE": os.devnull,
            "FAULTY": faulty,
            "OTHER": other,
            "KEYS": json.dumps(keys),
        }
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                command,
                cwd=self._project,
                env=environment(**{**more, **(env or {})}),
                stdout=output,
                stderr=output,
            )
        assert wait_until(self._answers, 30), self.log()

    def _answers(self) -> bool:
        with contextlib.suppress(OSError, AssertionError):
            return self.get("/livez", 1).status == 200
        return False

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(30)
            finally:
                self._process.kill()

    def log(self) -> str:
        return self._log.read_text()

    def megabytes(self) -> float:
        """The most memory it ever used."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        found = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert found is not None
        return int(found[1]) / 1024

    def get(
        self, path: str = "/call/faulty", timeout: float = 30, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return asyncio.run(self.ask(path, timeout, headers))

    def many(self, number: int, path: str = "/call/faulty", timeout: float = 30) -> list[Answer]:
        """That many requests at once."""

        async def all_at_once() -> list[Answer]:
            return await asyncio.gather(*(self.ask(path, timeout) for _ in range(number)))

        return asyncio.run(all_at_once())

    async def ask(self, path: str, timeout: float = 30, headers: Mapping[str, str] | None = None) -> Answer:
        started = time.perf_counter()
        async with asyncio.timeout(timeout):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            lines = [f"GET {path} HTTP/1.1", "Host: target", "Connection: close"]
            lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
            writer.write("\r\n".join([*lines, "", ""]).encode())
            raw = await reader.read()
            writer.close()
        head, _, body = raw.partition(b"\r\n\r\n")
        assert head, "the target closed the connection without an answer"
        status, *fields = head.decode("latin-1").split("\r\n")
        pairs = (field.partition(": ") for field in fields)
        named = {name.lower(): value for name, _, value in pairs}
        return Answer(int(status.split()[1]), time.perf_counter() - started, named, body)


class Watching:
    """Asks for something again and again, in a thread, while a fault goes on."""

    def __init__(self, target: Target, path: str) -> None:
        self.answers: list[Answer] = []
        self.errors: list[BaseException] = []
        self._target = target
        self._path = path
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.02):
            try:
                self.answers.append(self._target.get(self._path, 10))
            except Exception as error:  # noqa: BLE001 - a test looks at them
                self.errors.append(error)

    def slowest(self) -> float:
        return max(answer.seconds for answer in self.answers)
