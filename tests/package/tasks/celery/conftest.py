"""Workers on a broker."""

import os
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from threading import Timer
from urllib.parse import urlsplit

import pytest
from testproject.processes import SECONDS, free_port
from testproject.workers.page import Page
from upstreams.tasks.celery.backend import CeleryBackend
from upstreams.testing.loopback import http_response
from upstreams.testing.proxy import Proxy


@pytest.fixture
def backend(broker_url, prefix):
    """The one that the workers have, in this process."""
    backend = CeleryBackend("default", {"OPTIONS": {"URL": broker_url, "PREFIX": prefix, "LEASE": 3}})
    yield backend
    backend.broker.close()


@pytest.fixture
def proxy(broker_url):
    """Stands between us and the broker."""
    url = urlsplit(broker_url)
    with Proxy(url.hostname, url.port) as proxy:
        proxy.url = broker_url.replace(f":{url.port}", f":{urlsplit(proxy.url).port}")
        yield proxy


@pytest.fixture
def enqueue(backend):
    def enqueue(task, *args):
        return backend.enqueue(task, args, {})

    return enqueue


@pytest.fixture
def database(tmp_path, migrated_database):
    path = tmp_path / "db.sqlite3"
    path.write_bytes(migrated_database.read_bytes())
    return path


@pytest.fixture
def failed(database):
    """The tasks that nobody tries again: name and error."""

    def failed():
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("SELECT path, error FROM upstreams_tasks_celery_failed ORDER BY at")
            return [(path.rpartition(".")[2], error) for path, error in rows]

    return failed


@pytest.fixture
def environment(loopback, database, broker_url, prefix):
    loopback.on("/random", http_response({"text": "one pool", "author": "me"}))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "testproject.workers.celery_settings",
        "DATABASE_URL": f"sqlite:///{database}",
        "QUOTES_URL": loopback.url,
        "BROKER_URL": broker_url,
        "BROKER_PREFIX": prefix,
    }


@pytest.fixture
def start(environment):
    """Starts workers, each in a session of its own; they are killed when the test ends, or waits too long for one."""
    started = []

    def start(*arguments, **env):
        command = [sys.executable, "-W", "ignore", "manage.py", "worker", *arguments]
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            command, env=environment | env, stdout=pipe, stderr=pipe, text=True, start_new_session=True
        )
        started.append((process, Timer(SECONDS, kill, [process])))
        started[-1][1].start()
        return process

    yield start
    for process, too_long in started:
        too_long.cancel()
        kill(process)
        process.communicate()


@pytest.fixture
def answering(start):
    """Starts workers that have a port."""

    def answering(*arguments):
        port = free_port()
        return Page(start("--port", str(port), *arguments), port)

    return answering


def kill(process):
    """SIGKILL to the worker and to all processes of its pool, at once."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
