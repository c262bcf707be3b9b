"""Tests that forget something each. testing/test_kit.py runs them and reads their errors."""

import asyncio
import socket

from django.contrib.auth.models import User

from testproject.quotes import quotes

NEWTON = {"text": "a", "author": "b"}

kept: list[object] = []


async def test_calls_without_a_mock(aclient):
    response = await aclient.get("/quotes/random")
    assert response.status_code == 200


async def test_fails_and_leaks():
    kept.append(asyncio.create_task(asyncio.Event().wait()))
    kept.append(socket.socket())
    raise AssertionError("its own failure")


async def test_uses_the_database(lifespan):
    await User.objects.acount()


async def test_uses_the_database_in_a_view(aclient):
    response = await aclient.get("/admin/login/?next=/", headers={"Cookie": f"sessionid={'a' * 32}"})
    assert response.status_code == 200


async def test_uses_the_client(client, upstream_mock):
    upstream_mock("quotes").get("random").json(NEWTON)
    client.get("/quotes/random")


async def test_runs_a_loop(upstream_mock):
    upstream_mock("quotes").get("random").json(NEWTON)
    asyncio.run(quotes.random())


async def test_forgets_await(upstream_mock):
    upstream_mock("quotes").get("random").json(NEWTON)
    assert quotes.random().text == "a"
