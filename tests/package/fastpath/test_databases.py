"""Database connections of lent threads: opened, kept and closed in one and the same."""

import asyncio
import threading
from contextlib import suppress

import pytest
from asgiref.sync import sync_to_async
from django.core.signals import request_finished, request_started
from django.db import connections as databases
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from upstreams.fastpath.thread_pool import ThreadPool

from fastpath.threads import ask, row


@pytest.fixture(autouse=True)
def urls(settings):
    settings.ROOT_URLCONF = "fastpath.threads"


@pytest.fixture
def database(django_db_setup, django_db_blocker, monkeypatch):
    """Where connections were opened, and where Django closed them."""
    events = []

    def opened(connection, **_):
        events.append(("opened", threading.current_thread().name))

    def closed(self):
        if self.connection is not None:
            events.append(("closed", threading.current_thread().name))
        BaseDatabaseWrapper.close(self)  # SQLite's own leaves a database in memory open

    monkeypatch.setattr(type(databases["default"]), "close", closed)
    connection_created.connect(opened)
    with django_db_blocker.unblock():
        yield events
    connection_created.disconnect(opened)


async def test_a_persistent_connection_serves_one_request_after_another(executors, database, monkeypatch):
    monkeypatch.setitem(databases.settings["default"], "CONN_MAX_AGE", None)
    name = await ask(executors, "/row")
    await executors.back.get()
    assert await ask(executors, "/row") == name
    assert database == [("opened", name)]


async def test_persistent_connections_close_with_the_lifespan_in_their_own_thread(
    handler, database, monkeypatch
):
    monkeypatch.setitem(databases.settings["default"], "CONN_MAX_AGE", None)
    executors = ThreadPool(handler(), 1)
    async with executors.keep_threads():
        name = await ask(executors, "/row")
    assert database == [("opened", name), ("closed", name)]


async def test_other_connections_close_with_their_request_in_their_own_thread(
    executors, database, monkeypatch
):
    monkeypatch.setitem(databases.settings["default"], "CONN_MAX_AGE", 0)
    name = await ask(executors, "/row")
    await executors.back.get()
    assert database == [("opened", name), ("closed", name)]


async def test_the_connection_of_a_cancelled_view_closes_before_its_thread_is_lent_again(
    executors, database, monkeypatch, gate
):
    monkeypatch.setitem(databases.settings["default"], "CONN_MAX_AGE", 0)
    cancelled = asyncio.create_task(ask(executors, "/row-held", gate=gate))
    busy = await gate.entered.get()
    cancelled.cancel()
    gate.open.set()
    with suppress(asyncio.CancelledError):
        await cancelled
    assert (await executors.back.get()).ended.done() is False
    assert database == [("opened", busy.name), ("closed", busy.name)]


@pytest.fixture(params=["sync", "async"])
def asking_receivers(request):
    """Receivers of a project that ask the database, at the start of a request and at its end."""

    def sync(**_):
        row(None)

    async def asynchronous(**_):
        await sync_to_async(row)(None)

    receiver = {"sync": sync, "async": asynchronous}[request.param]
    request_started.connect(receiver)
    request_finished.connect(receiver)
    yield
    request_started.disconnect(receiver)
    request_finished.disconnect(receiver)


async def test_the_connections_of_receivers_close_with_their_request(
    executors, database, asking_receivers, monkeypatch
):
    monkeypatch.setitem(databases.settings["default"], "CONN_MAX_AGE", 0)
    assert await ask(executors, "/in-loop") == "MainThread"
    await executors.back.get()
    name = database[0][1]
    assert database == [("opened", name), ("closed", name)] * 2
