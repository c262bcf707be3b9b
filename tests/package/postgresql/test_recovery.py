"""The backend for PostgreSQL, behind a proxy that takes the server away."""

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import OperationalError
from django.db.utils import ConnectionHandler
from upstreams.environ.databases import database_from_url
from upstreams.postgresql import base
from upstreams.testing.proxy import Proxy, Toxics

HOST, PORT = "127.0.0.1", 5432
ALIAS = "recovery"


@pytest.fixture
def proxy():
    with socket.socket() as client:
        if client.connect_ex((HOST, PORT)) != 0:
            pytest.skip(f"no PostgreSQL at {HOST}:{PORT}")
    with Proxy(HOST, PORT) as proxy:
        yield proxy


@pytest.fixture
def query(proxy, django_db_blocker, settings):
    """Runs a function with a connection of a pool of one, and returns the connection to the pool."""
    settings.UPSTREAMS_LIMITS = {"MAX_REQUESTS": 2}
    database = database_from_url(f"{proxy.url.replace('http', 'postgresql')}/postgres", pool=1)
    databases = ConnectionHandler({"default": {}, ALIAS: {**database, "USER": "postgres"}})

    def query(work=lambda: None):
        try:
            with databases[ALIAS].cursor() as cursor:
                cursor.execute("SELECT 1")
                work()
                return cursor.fetchone()[0]
        finally:
            databases[ALIAS].close()

    with django_db_blocker.unblock():
        yield query
        databases[ALIAS].close_pool()


def until(work, says, seconds=8):
    """Runs something until its result, or its error, says this."""
    ends = time.monotonic() + seconds
    while says not in (said := outcome(work)):
        assert time.monotonic() < ends, said
        time.sleep(0.05)


def outcome(work):
    try:
        return str(work())
    except OperationalError as error:
        return str(error)


def test_no_query_fails_on_connections_that_broke_while_they_were_idle(query, proxy):
    assert query() == 1
    proxy.close_all()
    assert query() == 1


def test_queries_fail_at_once_while_it_is_away_and_soon_work_again(query, proxy, monkeypatch):
    monkeypatch.setattr(base, "AWAY_TIME", 3600.0)  # the pool itself has to find out that it is back
    assert query() == 1
    proxy.toxics = Toxics(down=True)
    proxy.close_all()
    until(query, "PostgreSQL is away", 30)
    proxy.toxics = Toxics()
    until(query, "1")


def test_a_busy_pool_is_waited_for_by_half_of_the_requests(query):
    entered, leave = threading.Event(), threading.Event()
    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(query, lambda: (entered.set(), leave.wait(30)))
        assert entered.wait(30)
        others = [threads.submit(outcome, query) for _ in range(2)]
        while not any(other.done() for other in others):
            time.sleep(0.01)
        leave.set()
        assert first.result() == 1
        said = sorted(other.result() for other in others)
    assert said[0] == "1"
    assert "requests waiting" in said[1]
