"""Tests that break one rule of the kit each. testing/test_kit.py runs them and reads their errors."""

import asyncio
import socket
import threading

import pytest
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.db import connections as databases
from upstreams.clients import pools
from upstreams.clients.background_tasks import BackgroundTasks

from testproject.quotes import quotes

kept: list[object] = []


async def test_leaks_a_client(upstream_mock):
    kept.append(pools.open_clients())
    await kept[-1].__aenter__()


def test_leaks_a_socket():
    kept.append(socket.socket())


def test_leaks_a_thread():
    stop = threading.Event()
    threading.Thread(target=stop.wait, daemon=True).start()
    kept.append(stop)


async def test_leaks_a_task():
    kept.append(asyncio.create_task(asyncio.Event().wait()))


async def test_leaks_spawned_work():
    kept.append(asyncio.Event())
    BackgroundTasks().add(kept[-1].wait(), "work", asyncio.get_running_loop())


async def test_leaks_a_database_connection(async_db):
    def read():
        User.objects.count()
        kept.append(databases.all())

    await asyncio.to_thread(read)


def test_reaches_beyond_this_machine():
    with (
        pytest.raises(OSError, match=r"tests may not connect to 192\.0\.2\.1: mock it"),
        socket.socket() as s,
    ):
        s.connect(("192.0.2.1", 80))


def test_looks_up_a_name():
    with pytest.raises(OSError, match=r"tests may not connect to example\.com: mock it"):
        socket.getaddrinfo("example.com", 80)


async def test_cleans_up(upstream_mock, lifespan, async_db):
    upstream_mock("quotes").get("random").json({"text": "a", "author": "b"})
    await quotes.random()
    await sync_to_async(User.objects.count)()
