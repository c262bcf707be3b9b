"""When an application of the factory is ready."""

import asyncio
import logging
import os
import signal

import pytest
from django.core.management import call_command
from django.db import connections
from upstreams.asgi import unapplied_migrations
from upstreams.clients import registry

QUOTE = {"text": "a", "author": "b"}


async def test_without_a_lifespan_it_is_alive_and_not_ready(serve):
    async with serve(lifespan=False) as client:
        assert (await client.get("/livez")).status_code == 200
        assert (await client.get("/readyz")).status_code == 503


async def test_where_nothing_is_required_open_clients_make_it_ready(serve, monkeypatch):
    async with serve() as client:
        assert (await client.get("/readyz")).status_code == 200
        monkeypatch.setattr(registry, "are_open", lambda: False)
        assert (await client.get("/readyz")).status_code == 503


@pytest.fixture
def database(settings, tmp_path, monkeypatch, django_db_blocker):
    """The only required database: a new file."""
    entry = {**connections.settings["default"], "NAME": str(tmp_path / "db.sqlite3")}
    monkeypatch.setitem(connections.settings, "file", entry)
    monkeypatch.setitem(settings.DATABASES, "file", entry)
    settings.UPSTREAMS_REQUIRED_DATABASES = ["file"]
    with django_db_blocker.unblock():
        yield "file"
        connections["file"].close()
        del connections["file"]


async def until(condition):
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_on_a_database_without_migrations_it_is_not_ready(serve, database, caplog):
    async with serve() as client:
        await until(lambda: "file cannot be used: migrations are not applied" in caplog.text)
        assert (await client.get("/readyz")).status_code == 503


@pytest.fixture
def migrated(database, monkeypatch):
    monkeypatch.setattr(unapplied_migrations, "migrations_on_disk", lambda: [("sessions", "0001_initial")])
    call_command("migrate", "sessions", database=database, verbosity=0)


async def test_on_a_migrated_database_it_is_ready(serve, migrated, caplog):
    async with serve() as client:
        with caplog.at_level(logging.INFO):
            await until(lambda: "database file can be used" in caplog.text)
        assert (await client.get("/readyz")).status_code == 200


async def test_from_sigterm_on_it_is_not_ready_and_serves_as_before(serve, settings):
    settings.UPSTREAMS_TIMEOUTS = {**settings.UPSTREAMS_TIMEOUTS, "SHUTDOWN_DELAY": 60}
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    async with serve() as client:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        ready, response = await client.get("/readyz"), await client.get("/quotes/random")
    signal.signal(signal.SIGTERM, before)
    assert ready.status_code == 503
    assert (response.json(), response.headers["connection"]) == (QUOTE, "close")
