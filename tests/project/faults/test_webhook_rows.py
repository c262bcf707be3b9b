"""Webhooks whose sender does not hear that they have arrived."""

import asyncio
import base64
import hashlib
import hmac
import random
import secrets
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator

import psycopg
import pytest
from commands import PLAIN
from processes import wait_until
from target import Target, migrate

Start = Callable[..., Target]
SERVER = "postgresql://postgres@127.0.0.1:5432"
KEY = bytes(range(24))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
ROUNDS, IDS, COPIES = 5, 5, 2


@pytest.fixture
def database_url() -> Iterator[str]:
    """A database of its own in the PostgreSQL of this machine, with a table for effects."""
    with socket.socket() as client:
        if client.connect_ex(("127.0.0.1", 5432)) != 0:
            pytest.skip("no PostgreSQL at 127.0.0.1:5432")
    name = f"faults_{secrets.token_hex(4)}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        with psycopg.connect(f"{SERVER}/{name}") as connection:
            connection.execute("CREATE TABLE effects (id text)")
            connection.execute("CREATE TABLE seen (id text PRIMARY KEY)")
        yield f"{SERVER}/{name}"
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.row(
    "F90",
    "webhooks that are sent twice, and again to a process that was killed",
    plain="fails: it records an id after its effect",
)
def test_webhooks(start: Start, database_url: str) -> None:
    target = start(env={"DATABASE_URL": database_url, "WEBHOOK_SECRET": SECRET})
    if target.name != PLAIN:
        migrate(target.project, database_url)
    sent: list[str] = []
    for _ in range(ROUNDS):
        new = [f"msg_{secrets.token_hex(8)}" for _ in range(IDS)]
        sent += new
        asyncio.run(deliver_and_kill(target, new))
        start(env={"DATABASE_URL": database_url, "WEBHOOK_SECRET": SECRET}, again=target)
        assert wait_until(lambda ids=new: asyncio.run(deliver(target, ids)) == {202}, 20)  # type: ignore[misc]
    with psycopg.connect(database_url) as connection:
        effects = Counter(text for (text,) in connection.execute("SELECT id FROM effects"))
    assert effects == Counter(sent)


async def deliver_and_kill(target: Target, ids: list[str]) -> None:
    sending = asyncio.create_task(deliver(target, ids * COPIES))
    await asyncio.sleep(random.uniform(0, 0.15))
    target.running.kill()
    await sending


async def deliver(target: Target, ids: list[str]) -> set[int | None]:
    return set(await asyncio.gather(*(send(target, webhook_id) for webhook_id in ids)))


async def send(target: Target, webhook_id: str) -> int | None:
    """Return the status, or None if there was no response."""
    timestamp, body = str(int(time.time())), b"{}"
    signed = f"{webhook_id}.{timestamp}.".encode() + body
    signature = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{signature}",
    }
    try:
        return (await target.ask("/webhook", 10, headers, "POST", body)).status
    except (OSError, AssertionError, EOFError, ValueError, IndexError):
        return None
