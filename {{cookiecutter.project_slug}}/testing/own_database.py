"""A database for the processes that a test starts: what they commit, no other test sees."""

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

SECONDS = 60


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh SQLite database: copying it takes less than migrating each."""
    path = tmp_path_factory.mktemp("migrated") / "db.sqlite3"
    migrate({**os.environ, "DATABASE_URL": f"sqlite:///{path}"})
    return path


@pytest.fixture
def database_url(tmp_path: Path, migrated: Path) -> Iterator[str]:
    """The URL of one that is migrated and empty, of the kind that the tests run with."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{shutil.copy(migrated, tmp_path)}"
        return
    with created(url) as own:
        yield own


@contextmanager
def created(url: str) -> Iterator[str]:
    """A database beside that of a URL of PostgreSQL, migrated; it is gone afterwards."""
    name = f"test_{uuid.uuid4().hex}"
    own = urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            migrate({**os.environ, "DATABASE_URL": own})
            yield own
        finally:
            # By force: of a migration that took too long, a connection may be left.
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def migrate(env: dict[str, str], *arguments: str) -> None:
    """Run `manage.py migrate` as a process."""
    command = [sys.executable, "manage.py", "migrate", "-v0", *arguments]
    subprocess.run(command, env=env, check=True, timeout=SECONDS)
