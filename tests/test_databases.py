"""What the tests of a generated project leave in a PostgreSQL server: nothing, however often they run."""

import socket
from pathlib import Path

import pytest
from generation import INSTALLED, name_of
from processes import environment, run

SERVER = ("127.0.0.1", 5432)
URL = "postgresql://postgres@127.0.0.1:5432/template_tests"
TIMES = 20
# Rolled back, committed, spawned, in threads and on the event loop.
TESTS = ["api/tests", "tests/test_background.py", "tests/path/test_databases.py", "-m", "not processes"]
EXISTS = """
import psycopg
rows = psycopg.connect("postgresql://postgres@127.0.0.1:5432/postgres").execute("SELECT datname FROM pg_database")
print([name for (name,) in rows if "template_tests" in name])
"""


def listens() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(SERVER) == 0


pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not listens(), reason="no PostgreSQL listens on 127.0.0.1:5432"),
    pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of),
]


def test_the_test_database_is_dropped_each_time(installed: Path) -> None:
    env = environment(DATABASE_URL=URL)
    command = [".venv/bin/python", "-m", "pytest", "-q", *TESTS]
    said = [run(command, installed, env).strip().splitlines()[-1] for _ in range(TIMES)]
    assert [line for line in said if "warning" in line] == []
    assert run([".venv/bin/python", "-c", EXISTS], installed, env).strip() == "[]"
