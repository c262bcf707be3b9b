"""A database for the processes that a test starts: what they commit, no other test sees."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
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
    name = f"test_{uuid.uuid4().hex}"
    own = urlsplit(url)._replace(path=f"/{name}").geturl()
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        migrate({**os.environ, "DATABASE_URL": own})
        yield own
        admin.execute(f"DROP DATABASE {name}".encode())


def migrate(env: dict[str, str], *arguments: str) -> None:
    """Run `manage.py migrate` as a process."""
    command = [sys.executable, "manage.py", "migrate", "-v0", *arguments]
    subprocess.run(command, env=env, check=True, timeout=SECONDS)
