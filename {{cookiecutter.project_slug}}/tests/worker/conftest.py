"""A database with a queue, and workers."""

import json
import os
import shutil
import subprocess
import sys
import uuid
from urllib.parse import urlsplit

import psycopg
import pytest

from testing.upstream import answer
from tests.processes import SECONDS, free_port
from tests.worker.page import Page


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A fresh SQLite database: copying it takes less than migrating each."""
    path = tmp_path_factory.mktemp("migrated") / "db.sqlite3"
    migrate(environment_with(f"sqlite:///{path}"))
    return path


@pytest.fixture
def database_url(tmp_path, migrated):
    """A database of its own, of the kind that the tests run with."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{shutil.copy(migrated, tmp_path)}"
        return
    name = f"worker_{uuid.uuid4().hex}"
    own = urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        migrate(environment_with(own))
        yield own
        admin.execute(f"DROP DATABASE {name}")


@pytest.fixture
def environment(loopback, database_url):
    loopback.on("/random", answer({"text": "one pool", "author": "me"}))
    return environment_with(database_url) | {"QUOTES_URL": loopback.url}


def environment_with(database_url):
    return os.environ | {"DJANGO_SETTINGS_MODULE": "tests.worker.settings", "DATABASE_URL": database_url}


def migrate(env, *arguments):
    command = [sys.executable, "manage.py", "migrate", "-v0", *arguments]
    subprocess.run(command, env=env, check=True, timeout=SECONDS)


@pytest.fixture
def queue(environment):
    def queue(*arguments):
        command = [sys.executable, "-m", "tests.worker.queue", *arguments]
        return subprocess.run(command, env=environment, check=True, capture_output=True, timeout=SECONDS)

    return queue


@pytest.fixture
def results(queue):
    return lambda: json.loads(queue("results").stdout)


@pytest.fixture
def start(environment):
    """Starts workers; whatever is left of them is killed when the test ends."""
    started = []

    def start(*arguments):
        command = [sys.executable, "manage.py", "worker", *arguments]
        pipe = subprocess.PIPE
        started.append(subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def answering(start):
    """Starts workers that have a port."""

    def answering():
        port = free_port()
        return Page(start("--port", str(port)), port)

    return answering
