"""Tests that break a rule of the kit each. Not collected: tests/test_kit.py runs them and reads what they get."""

import asyncio
import socket
import threading

import pytest
from asgiref.sync import sync_to_async
from django.db import connections as databases

from services.core import connections
from services.core.spawned import Spawned
from tests.quotes import quotes
from users.models import User

kept: list[object] = []


async def test_leaks_a_client(wire):
    kept.append(connections.opened())
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
    Spawned().add(kept[-1].wait(), "work", asyncio.get_running_loop())


async def test_leaks_a_database_connection(async_db):
    def read():
        User.objects.count()
        kept.append(databases.all())

    await asyncio.to_thread(read)


def test_reaches_beyond_this_machine():
    with (
        pytest.raises(OSError, match=r"tests stay on this machine; 192\.0\.2\.1 is not"),
        socket.socket() as s,
    ):
        s.connect(("192.0.2.1", 80))


def test_looks_up_a_name():
    with pytest.raises(OSError, match=r"tests stay on this machine; example\.com is not"):
        socket.getaddrinfo("example.com", 80)


async def test_gets_an_answer_nobody_scripted(aclient):
    await aclient.get("/quotes/random")


async def test_cleans_up(wire, lifespan, async_db):
    wire("quotes").get("random").json({"text": "a", "author": "b"})
    await quotes.random()
    await sync_to_async(User.objects.count)()
