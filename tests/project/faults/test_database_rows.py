"""A database that is gone, slow, or out of connections."""

import secrets
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from client import Watching
from processes import environment, run, wait_until
from target import Target, migrate
from upstreams.testing.proxy import Proxy, Toxics

Start = Callable[..., Target]
HOST, PORT = "127.0.0.1", 5432
CONNECTIONS = 5
SETTINGS = {"UPSTREAMS_TIMEOUTS": {"REQUEST": 8, "GRACEFUL_SHUTDOWN": 8}}
IN_TIME = 8.25
SQL = """
import psycopg, sys
with psycopg.connect("postgresql://postgres@127.0.0.1:5432/postgres", autocommit=True) as connection:
    for statement in sys.argv[1:]:
        cursor = connection.execute(statement)
        print(*(cursor.fetchone() if cursor.description else ()))
"""
MAPPED = "fails: an OperationalError is a 500"


def sql(project: Path, *statements: str) -> str:
    return run([".venv/bin/python", "-c", SQL, *statements], project, environment(), 30)


@pytest.fixture
def database(project: Path) -> Iterator[str]:
    """A database of its own in the PostgreSQL of this machine, for a user with few connections."""
    with socket.socket() as client:
        if client.connect_ex((HOST, PORT)) != 0:
            pytest.skip(f"no PostgreSQL at {HOST}:{PORT}")
    name = f"faults_{secrets.token_hex(4)}"
    role = f"CREATE ROLE {name} LOGIN CONNECTION LIMIT {CONNECTIONS}"
    sql(project, role, f"CREATE DATABASE {name} OWNER {name}")
    migrate(project, f"postgresql://{name}@{HOST}:{PORT}/{name}")
    yield name
    sql(project, f"DROP DATABASE {name} WITH (FORCE)", f"DROP ROLE {name}")


@pytest.fixture
def proxy(database: str) -> Iterator[Proxy]:
    with Proxy(HOST, PORT) as proxy:
        yield proxy


@pytest.fixture
def begin(start: Start, database: str, proxy: Proxy) -> Start:
    """Starts the target with the database, beyond the proxy."""
    url = f"postgresql://{database}@127.0.0.1:{proxy.url.rpartition(':')[2]}/{database}"
    env = {"DATABASE_URL": url, "DATABASE_POOL": str(CONNECTIONS - 1)}
    return lambda: start(env=env, settings=SETTINGS)


def fails_and_recovers(target: Target, proxy: Proxy) -> None:
    with Watching(target, "/livez") as live:
        got = target.get("/rows?seconds=0")
        assert (got.status, got.seconds < IN_TIME) == (503, True)
        assert wait_until(lambda: target.responds(503, "/readyz"), 5)
        proxy.toxics = Toxics()
        proxy.close_all()
        assert wait_until(lambda: target.responds(200, "/rows?seconds=0", 10), 6)
        assert wait_until(lambda: target.responds(200, "/readyz"), 6)
    assert ({response.status for response in live.responses}, live.errors) == ({200}, [])
    assert live.slowest() < 0.5


@pytest.mark.row("F28", "the database is gone at boot", plain=MAPPED)
def test_gone_at_boot(begin: Start, proxy: Proxy) -> None:
    proxy.toxics = Toxics(down=True)
    fails_and_recovers(begin(), proxy)


@pytest.mark.row("F28", "the database goes while it is used", plain=MAPPED)
def test_gone_while_used(begin: Start, proxy: Proxy) -> None:
    target = begin()
    assert target.get("/rows?seconds=0").status == 200
    proxy.toxics = Toxics(down=True)
    proxy.close_all()
    fails_and_recovers(target, proxy)


@pytest.mark.row("F28", "the database does not respond any more", plain=MAPPED)
def test_slow(begin: Start, proxy: Proxy) -> None:
    target = begin()
    assert target.get("/rows?seconds=0").status == 200
    proxy.toxics = Toxics(timeout=True)
    with Watching(target, "/livez") as live:
        got = target.get("/rows?seconds=0", timeout=15)
        assert (got.status in (503, 504), got.seconds < IN_TIME) == (True, True)
        proxy.toxics = Toxics()
        proxy.close_all()
        assert wait_until(lambda: target.responds(200, "/rows?seconds=0", 10), 6)
    assert ({response.status for response in live.responses}, live.errors) == ({200}, [])


@pytest.mark.row("F28", "more requests than database connections", plain="fails: each opens one of its own")
def test_pool_is_exhausted(begin: Start, database: str, project: Path) -> None:
    target = begin()
    with Watching(target, "/livez") as live:
        responses = target.many(60, "/rows?seconds=1")
    assert {response.status for response in responses} <= {200, 503, 504}
    assert sum(response.status == 200 for response in responses) >= CONNECTIONS - 1
    assert max(response.seconds for response in responses) < IN_TIME
    assert (live.errors, live.slowest() < 0.5) == ([], True)
    assert target.get("/rows?seconds=0").status == 200
    open_now = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database}'"
    assert int(sql(project, open_now)) <= CONNECTIONS - 1
