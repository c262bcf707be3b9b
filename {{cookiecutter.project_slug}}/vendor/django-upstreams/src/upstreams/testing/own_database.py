"""A database for the processes that a test starts: `pytest_plugins = ["upstreams.testing.own_database"]`."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

MIGRATE_TIMEOUT = 60
"""Seconds."""


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database, which is faster to copy than to make."""
    path = tmp_path_factory.mktemp("migrated") / "db.sqlite3"
    migrate({**os.environ, "DATABASE_URL": f"sqlite:///{path}"})
    return path


@pytest.fixture
def database_url(tmp_path: Path, migrated_database: Path) -> Iterator[str]:
    """The URL of a migrated and empty database, of the same kind as `DATABASE_URL`."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{shutil.copy(migrated_database, tmp_path)}"
        return
    with create_database(url) as own:
        yield own


@contextmanager
def create_database(url: str) -> Iterator[str]:
    """Create and migrate a PostgreSQL database beside the one of a URL, and drop it at the end of the block."""
    name = f"test_{uuid.uuid4().hex}"
    own = urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            migrate({**os.environ, "DATABASE_URL": own})
            yield own
        finally:
            # By force, because a migration that timed out may have left a connection.
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def migrate(env: dict[str, str], *arguments: str) -> None:
    """Run `manage.py migrate` in a process."""
    command = [sys.executable, "manage.py", "migrate", "-v0", *arguments]
    subprocess.run(command, env=env, check=True, timeout=MIGRATE_TIMEOUT)
