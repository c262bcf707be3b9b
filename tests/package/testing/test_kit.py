"""The guards of the test kit: each one fails a test that breaks its rule."""

import os
import subprocess
import sys

import django
import psycopg
import pytest
from upstreams.testing import own_database

pytestmark = pytest.mark.processes


def run(file):
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "-rEf", file]
    # Without CI the lines are cut; PostgreSQL would add that it cannot drop a database with a leaked connection.
    env = os.environ | {"CI": "true", "DATABASE_URL": "sqlite:///db.sqlite3"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def output():
    return run("testproject/leaky.py")


@pytest.fixture(scope="module")
def failures():
    return run("testproject/forgetful.py")


@pytest.mark.parametrize(
    ("test", "message"),
    [
        ("leaks_a_client", "the client opened at testproject/leaky.py:21 is still open"),
        ("leaks_a_socket", "the socket opened at testproject/leaky.py:25 is still open"),
        ("leaks_a_thread", "the thread opened at testproject/leaky.py:30 is still open"),
        ("leaks_a_task", "the task opened at testproject/leaky.py:35 is still open"),
        ("leaks_spawned_work", "the task opened at testproject/leaky.py:40 is still open"),
        (
            "leaks_a_database_connection",
            "the database connection opened at testproject/leaky.py:45 is still open",
        ),
        (
            "reaches_beyond_this_machine",
            "testproject/leaky.py:56 connects to 192.0.2.1: mock it, or add it to UPSTREAMS_TEST_HOSTS",
        ),
        (
            "looks_up_a_name",
            "testproject/leaky.py:61 connects to example.com: mock it, or add it to UPSTREAMS_TEST_HOSTS",
        ),
    ],
)
def test_a_guard_names_what_it_found(output, test, message):
    assert f"ERROR testproject/leaky.py::test_{test} - AssertionError: {message}" in output


def test_a_clean_test_passes(output):
    assert "9 passed, 8 errors" in output


@pytest.mark.parametrize(
    ("test", "message"),
    [
        (
            "calls_without_a_mock",
            'quotes was called without a mock, by GET random: ask for upstream_mock("quotes"), e.g. upstream_mock',
        ),
        ("fails_and_leaks", "its own failure"),
        ("uses_the_database", "this test uses the database: ask for the fixture async_db"),
        pytest.param(
            "uses_the_database_in_a_view",
            "this test uses the database: ask for the fixture async_db",
            marks=pytest.mark.skipif(django.VERSION < (6, 1), reason="the fast path needs Django 6.1"),
        ),
        (
            "uses_the_client",
            "this test is async: await the call itself, and use aclient instead of Django's client",
        ),
        ("runs_a_loop", "this test is async: await the coroutine instead of running it"),
        ("forgets_await", "Quotes.random(…) was not awaited: write await before the call"),
    ],
)
def test_the_first_sentence_says_what_to_write(failures, test, message):
    assert f"FAILED testproject/forgetful.py::test_{test} - AssertionError: {message}" in failures


def test_nothing_is_reported_besides(failures):
    assert "= 7 failed in " in failures


class Administrator:
    """A connection to PostgreSQL that records its statements."""

    def __init__(self, *_, **__):
        self.statements = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def execute(self, statement):
        self.statements.append(statement.split()[0])


def test_a_database_that_cannot_be_migrated_does_not_stay(monkeypatch):
    def fails(env):
        raise LookupError(env["DATABASE_URL"])

    administrator = Administrator()
    monkeypatch.setattr(psycopg, "connect", lambda *_, **__: administrator)
    monkeypatch.setattr(own_database, "migrate", fails)
    with pytest.raises(LookupError, match="//a/test_"), own_database.create_database("postgres://a/b"):
        pass
    assert administrator.statements == [b"CREATE", b"DROP"]


def test_django_db_on_an_async_test_is_refused():
    assert "test_uses_django_db: use the fixture async_db in an async test, not django_db" in run(
        "testproject/marked.py"
    )
