"""The guards of the test kit, each seen to bite."""

import os
import subprocess
import sys

import psycopg
import pytest

from testing import own_database

pytestmark = pytest.mark.processes


def run(file):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-rEf", file]
    # Without CI the lines are cut; PostgreSQL would add that it cannot drop a database with a leaked connection.
    env = os.environ | {"CI": "true", "DATABASE_URL": "sqlite:///db.sqlite3"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def output():
    return run("tests/leaky.py")


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("leaks_a_client", "the client opened at tests/leaky.py:21 is still there"),
        ("leaks_a_socket", "the socket opened at tests/leaky.py:25 is still there"),
        ("leaks_a_thread", "the thread opened at tests/leaky.py:30 is still there"),
        ("leaks_a_task", "the task opened at tests/leaky.py:35 is still there"),
        ("leaks_spawned_work", "the task opened at tests/leaky.py:40 is still there"),
        ("leaks_a_database_connection", "the database connection opened at tests/leaky.py:45 is still there"),
        (
            "reaches_beyond_this_machine",
            "192.0.2.1 was reached for at tests/leaky.py:56: tests stay on this machine",
        ),
        ("looks_up_a_name", "example.com was reached for at tests/leaky.py:61: tests stay on this machine"),
        ("gets_an_answer_nobody_scripted", "requests without an answer: ['quotes: GET random']"),
    ],
)
def test_a_guard_names_what_it_found(output, test, message):
    assert f"ERROR tests/leaky.py::test_{test} - AssertionError: {message}" in output


def test_a_clean_test_passes_beside_them(output):
    assert "10 passed, 9 errors" in output


class Administrator:
    """A connection to PostgreSQL that notes what it is told."""

    def __init__(self, *_, **__):
        self.told = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def execute(self, statement):
        self.told.append(statement.split()[0])


def test_a_database_that_cannot_be_migrated_does_not_stay(monkeypatch):
    def fails(env):
        raise LookupError(env["DATABASE_URL"])

    administrator = Administrator()
    monkeypatch.setattr(psycopg, "connect", lambda *_, **__: administrator)
    monkeypatch.setattr(own_database, "migrate", fails)
    with pytest.raises(LookupError, match="//a/test_"), own_database.created("postgres://a/b"):
        pass
    assert administrator.told == [b"CREATE", b"DROP"]


def test_django_db_on_an_async_test_is_refused():
    assert "test_uses_django_db: an async test uses the fixture async_db, not django_db" in run(
        "tests/marked.py"
    )
