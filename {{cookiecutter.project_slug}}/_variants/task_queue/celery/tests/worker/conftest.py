"""Brokers, each test with queues of its own in them, and workers."""

import os
import signal
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from threading import Timer
from urllib.parse import urlsplit

import pytest
import redis
from kombu import Connection

from testing.proxy import Proxy
from testing.upstream import answer
from tests.processes import SECONDS, free_port
from tests.worker.page import Page
from worker.backend import CeleryBackend

URLS = {
    "rabbitmq": os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//"),
    "redis": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/9"),
}


@pytest.fixture(params=URLS)
def broker_url(request, settings):
    url = URLS[request.param]
    settings.TEST_HOSTS |= {urlsplit(url).hostname}
    with Connection(url, connect_timeout=2) as connection:
        try:
            connection.ensure_connection(max_retries=1, interval_start=0)
        except connection.recoverable_connection_errors as error:
            pytest.skip(f"no broker answers at {connection.as_uri()}: {error}")
    return url


@pytest.fixture
def prefix(broker_url):
    """What is made under it in the broker is deleted when the last worker is gone, which would make it anew."""
    prefix = f"test-{uuid.uuid4().hex}-"
    yield prefix
    delete(broker_url, prefix)


@pytest.fixture
def backend(broker_url, prefix):
    """The one that the workers have, in this process."""
    backend = CeleryBackend("default", {"OPTIONS": {"URL": broker_url, "PREFIX": prefix, "LEASE": 3}})
    yield backend
    backend.broker.release()


def delete(url, prefix):
    if url.startswith("redis"):
        with redis.Redis.from_url(url) as client:
            client.delete(*client.scan_iter(f"{prefix}*"), "nothing")
        return
    with Connection(url) as connection:
        connection.default_channel.queue_delete(f"{prefix}default")
        connection.default_channel.exchange_delete(f"{prefix}default")


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
def database(tmp_path, migrated):
    path = tmp_path / "db.sqlite3"
    path.write_bytes(migrated.read_bytes())
    return path


@pytest.fixture
def failed(database):
    """The tasks that nobody tries again: name and error."""

    def failed():
        with closing(sqlite3.connect(database)) as connection:
            rows = connection.execute("SELECT path, error FROM worker_failed ORDER BY at")
            return [(path.rpartition(".")[2], error) for path, error in rows]

    return failed


@pytest.fixture
def environment(loopback, database, broker_url, prefix):
    loopback.on("/random", answer({"text": "one pool", "author": "me"}))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.worker.settings",
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
