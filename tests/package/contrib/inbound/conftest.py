"""The service of testproject/inbound as processes, on SQLite and on PostgreSQL."""

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import partial

import psutil
import psycopg
import pytest
from testproject.processes import SECONDS, free_port
from upstreams.core.httpx import httpx
from upstreams.testing.own_database import create_database

POSTGRESQL = os.environ.get("POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def service(request, tmp_path_factory, migrated_database):
    """Starts processes of the service; on PostgreSQL, its tasks wait in the outbox of Celery."""
    with socket.socket() as client:
        if request.param == "postgresql" and client.connect_ex(("127.0.0.1", 5432)) != 0:
            pytest.skip("no PostgreSQL at 127.0.0.1:5432")
    folder = tmp_path_factory.mktemp("inbound")
    with (folder / "log").open("w") as log, ExitStack() as stack:
        if request.param == "sqlite":
            path = shutil.copy(migrated_database, folder)
            service = Service(f"sqlite:///{path}", partial(sqlite3.connect, path), log)
        else:
            url = stack.enter_context(create_database(POSTGRESQL))
            service = Service(url, partial(psycopg.connect, url), log, OUTBOX="1")
        yield stack.enter_context(closing(service))


class Service:
    """Processes of a service with one database.

    Attributes:
        locks_rows: whether a transaction holds up no others than those about the same row.
    """

    def __init__(self, url, connect, log, **more):
        own = {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "testproject.inbound.settings"}
        self.locks_rows = url.startswith("postgresql")
        self._connect = connect
        self._processes = []
        command = [sys.executable, "-m", "testproject.inbound.forks"]
        pipe, env = subprocess.PIPE, {**os.environ, **own, **more}
        # Logs do not go into a pipe, which nobody would read.
        self._forks = subprocess.Popen(command, env=env, stdin=pipe, stdout=pipe, stderr=log, text=True)

    def processes(self, number):
        """The first living processes, each with its URL; as many as are missing are started."""
        self._processes = [process for process in self._processes if process.is_running()]
        new = [self._start() for _ in range(number - len(self._processes))]
        for process in new:
            self._wait_for(process)
        return self._processes[:number]

    def _start(self):
        port = free_port()
        print(port, file=self._forks.stdin, flush=True)
        process = psutil.Process(int(self._forks.stdout.readline()))
        process.url = f"http://127.0.0.1:{port}"
        self._processes.append(process)
        return process

    def _wait_for(self, process):
        ends = time.monotonic() + SECONDS
        while True:
            assert process.is_running()
            assert time.monotonic() < ends
            with suppress(httpx.TransportError):
                return httpx.get(f"{process.url}/livez")
            time.sleep(0.02)

    def effects(self):
        """How often each id has had its effect: the task of a webhook, the row of a repeated request."""
        with closing(self._connect()) as connection:
            found = [text for (text,) in connection.execute("SELECT text FROM favourites_favourite")]
            for column in (
                "message FROM upstreams_tasks_celery_outgoing",
                "args_kwargs FROM django_tasks_database_dbtaskresult",
            ):
                for (task,) in connection.execute(f"SELECT {column}"):
                    found += (json.loads(task) if isinstance(task, str) else task)["args"]
        return Counter(found)

    def close(self):
        for process in self._processes:
            with suppress(psutil.NoSuchProcess):
                process.kill()
            process.wait(SECONDS)
        self._forks.communicate(timeout=SECONDS)


@pytest.fixture
def holder():
    """Holds up the view of a request with its header X-Hold."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(SECONDS)
        yield Holder(listener)


class Holder:
    def __init__(self, listener):
        self._listener = listener
        self.headers = {"X-Hold": str(listener.getsockname()[1])}

    @contextmanager
    def held(self):
        """While the block runs, the view of the next request with the header waits."""
        connection, _ = self._listener.accept()
        with connection:
            yield
