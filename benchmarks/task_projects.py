"""The projects of `make bench-tasks`, one for each queue whose server responds, and their workers."""

import asyncio
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from demo import generate
from servers import CORES, running
from targets import INSTALL, OVERLAY, say

TASKS = 150
COUNTED = 0.2
"""The share of the tasks after which the clock starts: by then, all workers work."""
ENOUGH = 120  # seconds for one round
QUEUE = """
import sys, django
django.setup()
import bench_tasks
from django.db import transaction
with transaction.atomic():
    for _ in range(int(sys.argv[2])):
        getattr(bench_tasks, sys.argv[1]).enqueue()
"""
DATABASE = """
import sys, psycopg
with psycopg.connect("postgresql://postgres@127.0.0.1:5432/postgres", autocommit=True) as connection:
    connection.execute("DROP DATABASE IF EXISTS asgi_django_bench_tasks")
    if sys.argv[1] == "create":
        connection.execute("CREATE DATABASE asgi_django_bench_tasks")
"""
EMPTY = """
import django
django.setup()
from django.tasks import default_task_backend
with default_task_backend.broker.connection() as connection:
    for queue in default_task_backend.broker.app.amqp.queues.values():
        queue(connection.default_channel).delete()
"""


@dataclass(frozen=True)
class Backend:
    """Where tasks wait.

    Args:
        name: in the table.
        answer: to the question `task_queue`.
        env: what leads there.
    """

    name: str
    answer: str
    env: tuple[tuple[str, str], ...]

    @property
    def port(self) -> int | None:
        """Of its server, if it has one."""
        return urlsplit(self.env[0][1]).port


POSTGRESQL = "postgresql://postgres@127.0.0.1:5432/asgi_django_bench_tasks"
BACKENDS = (
    Backend("database, SQLite", "database", (("DATABASE_URL", "sqlite:///{folder}/tasks.sqlite3"),)),
    Backend("database, PostgreSQL", "database", (("DATABASE_URL", POSTGRESQL),)),
    Backend("Celery, RabbitMQ", "celery", (("BROKER_URL", "amqp://guest:guest@127.0.0.1:5672//"),)),
    Backend("Celery, Redis", "celery", (("BROKER_URL", "redis://127.0.0.1:6379/7"),)),
)


def answers(port: int | None) -> bool:
    """Whether a server is there; a backend whose server is not is left out."""
    if port is None:
        return True
    try:
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except OSError:
        say(f"nothing answers at port {port}: its backend is left out")
        return False
    return True


class Project:
    """A generated project, installed, whose workers look at a queue of our own."""

    def __init__(self, folder: Path, env: dict[str, str], log: Path) -> None:
        self._folder = folder
        self._env = env
        self._log = log

    def python(self, *arguments: str) -> None:
        command = [".venv/bin/python", *arguments]
        subprocess.run(command, cwd=self._folder, env=self._env, check=True, timeout=INSTALL)

    async def rate(self, way: str, workers: int, calls: list[float]) -> float:
        """Tasks a second, of tasks that were waiting when the workers started."""
        await asyncio.to_thread(self.python, "-c", QUEUE, way, str(TASKS))
        calls.clear()
        command = [".venv/bin/python", "manage.py", "worker"]
        with ExitStack() as stack:
            started = [
                stack.enter_context(
                    running(command, self._folder, self._env, self._log.with_suffix(f".{number}"), CORES)
                )
                for number in range(workers)
            ]
            try:
                async with asyncio.timeout(ENOUGH):
                    while len(calls) < TASKS:
                        await asyncio.sleep(0.02)
            except TimeoutError as error:
                said = "\n".join(worker.said() for worker in started)
                why = f"{len(calls)} of {TASKS} tasks were done in {ENOUGH} s"
                raise SystemExit(f"{self._log.parent.name}: {why}\nThe end of its log:\n{said}") from error
        first = int(TASKS * COUNTED)
        return (TASKS - first) / (calls[TASKS - 1] - calls[first - 1])


@contextmanager
def prepared(backend: Backend, folder: Path, url: str) -> Iterator[Project]:
    """Installs a project for a backend; at the end, nothing of it is left there."""
    say(f"installing a project for {backend.name}")
    home = folder / backend.name.replace(" ", "-")
    project = generate(home, task_queue=backend.answer)
    env = {name: os.environ[name] for name in ("PATH", "HOME")} | {
        "PYTHONPATH": f"{project}:{OVERLAY}",
        "DJANGO_SETTINGS_MODULE": "bench_task_settings",
        "ENV_FILE": os.devnull,
        "SECRET_KEY": "k" * 60,
        "ALLOWED_HOSTS": "127.0.0.1",
        "FORWARDED_ALLOW_IPS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{home}/db.sqlite3",
        "UPSTREAMS__QUOTES__BASE_URL": url,
    }
    env |= {name: value.format(folder=home) for name, value in backend.env}
    subprocess.run(["scripts/uv", "sync", "--quiet", "--no-dev"], cwd=project, check=True, timeout=INSTALL)
    made = Project(project, env, home / "workers.log")
    if backend.answer == "celery":
        env["PREFIX"] = f"bench-{os.getpid()}-"
    if env["DATABASE_URL"] == POSTGRESQL:
        made.python("-c", DATABASE, "create")
    made.python("manage.py", "migrate", "-v0")
    try:
        yield made
    finally:
        if backend.answer == "celery":
            made.python("-c", EMPTY)
        if env["DATABASE_URL"] == POSTGRESQL:
            made.python("-c", DATABASE, "drop")
