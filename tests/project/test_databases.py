"""What tests leave in a PostgreSQL server: nothing, however often they run."""

import socket
import sys
from pathlib import Path

import pytest
from generation import INSTALLED, ROOT, name_of
from processes import environment, run

SERVER = ("127.0.0.1", 5432)
URL = "postgresql://postgres@127.0.0.1:5432/template_tests"
TIMES = 20
# Rolled back, committed, spawned, in threads and on the event loop.
TESTS = ["clients/test_background.py", "fastpath/test_databases.py", "contrib", "-n", "0"]
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
]


def test_the_test_database_of_the_package_is_dropped_each_time() -> None:
    run_again_and_again(sys.executable, ROOT / "tests" / "package", *TESTS)


@pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
def test_the_test_database_of_a_project_is_dropped_each_time(installed: Path) -> None:
    run_again_and_again(str(installed / ".venv" / "bin" / "python"), installed)


def run_again_and_again(python: str, folder: Path, *tests: str) -> None:
    env = environment(DATABASE_URL=URL)
    command = [python, "-m", "pytest", "-q", "-m", "not processes", *tests]
    said = [run(command, folder, env).strip().splitlines()[-1] for _ in range(TIMES)]
    assert [line for line in said if "warning" in line] == []
    assert run([python, "-c", EXISTS], folder, env).strip() == "[]"
