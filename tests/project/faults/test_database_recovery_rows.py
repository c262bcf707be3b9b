"""A database that comes back, and what its absence costs the routes that do not need it."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from client import Watching
from processes import wait_until
from target import Target
from test_database_rows import begin, database, proxy, sql  # noqa: F401 - fixtures
from upstreams.testing.proxy import Proxy, Toxics

Start = Callable[[], Target]
AWAY = 8
"""Seconds: psycopg's own pool then waits 8 s for its next attempt."""
BACK = 5
"""Seconds."""
PASSES = "passes: each request opens a connection of its own"


def is_back(target: Target) -> bool:
    paths = ("/rows?seconds=0", "/readyz")
    return wait_until(lambda: all(target.responds(200, path) for path in paths), BACK)


def use(target: Target, seconds: float) -> None:
    """Forty requests a second to the database; what becomes of them does not matter."""
    ended = threading.Event()
    timer = threading.Timer(seconds, ended.set)
    timer.start()
    while not ended.wait(0.25):
        target.many(10, "/rows?seconds=0")


@pytest.mark.row("F28", "the database is back after 8 s", plain=PASSES)
def test_back_within_seconds(begin: Start, proxy: Proxy) -> None:  # noqa: F811
    target = begin()
    assert target.get("/rows?seconds=0").status == 200
    proxy.toxics = Toxics(down=True)
    proxy.close_all()
    use(target, AWAY)
    proxy.toxics = Toxics()
    assert is_back(target)


@pytest.mark.row("F28", "the database has connections for this role again after 8 s", plain=PASSES)
def test_connections_are_left_again(begin: Start, proxy: Proxy, database: str, project: Path) -> None:  # noqa: F811
    target = begin()
    assert target.get("/rows?seconds=0").status == 200
    sql(project, f"ALTER ROLE {database} CONNECTION LIMIT 0")
    proxy.close_all()
    use(target, AWAY)
    sql(project, f"ALTER ROLE {database} CONNECTION LIMIT 1")
    assert is_back(target)


@pytest.mark.row("F28", "routes that need no database, while it is away", plain=PASSES)
@pytest.mark.parametrize("toxics", [Toxics(down=True), Toxics(timeout=True)], ids=["refuses", "hangs"])
def test_other_routes_lose_nothing(begin: Start, proxy: Proxy, toxics: Toxics) -> None:  # noqa: F811
    target = begin()
    assert target.get("/rows?seconds=0").status == 200
    proxy.toxics = toxics
    proxy.close_all()
    with Watching(target, "/pid") as others:
        use(target, AWAY)
    assert ({response.status for response in others.responses}, others.errors) == ({200}, [])
    proxy.toxics = Toxics()
    proxy.close_all()
    assert is_back(target)
