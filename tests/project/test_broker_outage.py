"""What a client of a project with Celery notices while the broker is away: nothing, and no announcement is lost."""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from generation import generate
from kombu import Connection
from processes import Running, environment, free_port, run, wait_until
from upstreams.testing.loopback import Loopback, http_response
from upstreams.testing.proxy import Proxy, Toxics

BROKER = os.environ.get("RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
ADDRESS = urlsplit(BROKER).hostname or "", urlsplit(BROKER).port or 5672
PREFIX = f"outage-{secrets.token_hex(4)}-"
AGAIN = 60
"""Seconds: a worker of Celery waits longer with each attempt to reach its broker."""


def listens() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(ADDRESS) == 0


pytestmark = [pytest.mark.long, pytest.mark.skipif(not listens(), reason=f"no broker listens at {ADDRESS}")]


@pytest.fixture
def upstream() -> Iterator[Loopback]:
    with Loopback() as upstream:
        yield upstream.on("/likes", http_response({}))


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy(*ADDRESS) as proxy:
        yield proxy
    with Connection(BROKER) as connection:
        channel: Any = connection.default_channel
        channel.queue_delete(f"{PREFIX}default")
        channel.exchange_delete(f"{PREFIX}default")


@pytest.fixture
def post(tmp_path: Path, upstream: Loopback, proxy: Proxy) -> Iterator[Callable[[str], float]]:
    """Adds a favourite to the running service, and returns the seconds that it took."""
    project = generate(tmp_path / "out", {"task_queue": "celery"})
    tasks = project / "config" / "tasks.py"
    tasks.write_text(tasks.read_text().replace('"PREFIX": ""', f'"PREFIX": "{PREFIX}"'))
    run(["sh", "scripts/uv", "sync", "--quiet"], project, environment())
    port = free_port()
    env = environment(
        ENV_FILE=os.devnull,
        SECRET_KEY="s" * 60,
        ALLOWED_HOSTS="127.0.0.1",
        SECURE_SSL_REDIRECT="false",
        DATABASE_URL="sqlite:///db.sqlite3",
        BROKER_URL=BROKER.replace(f":{ADDRESS[1]}", f":{urlsplit(proxy.url).port}"),
        UPSTREAMS__QUOTES__BASE_URL=upstream.url,
        UPSTREAMS__QUOTES__ALLOW_HTTP="true",
        DJANGO_SUPERUSER_PASSWORD="p",
    )
    manage = [".venv/bin/python", "manage.py"]
    run([*manage, "migrate", "-v0"], project, env)
    run([*manage, "createsuperuser", "--no-input", "--username", "ada", "--email", "a@b.test"], project, env)
    token = run([*manage, "createtoken", "ada", "--name", "test"], project, env).strip()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}

    def post(text: str) -> float:
        body = json.dumps({"text": text, "author": "a"}).encode()
        started = time.monotonic()
        with urlopen(
            Request(f"http://127.0.0.1:{port}/v1/favourites", body, headers), timeout=30
        ) as response:
            assert response.status == 201
        return time.monotonic() - started

    with ExitStack() as stack:
        for command in (["serve", "--port", str(port)], ["worker"]):
            running = Running([*manage, *command], project, env, tmp_path / command[0])
            stack.callback(running.kill)
        assert wait_until(lambda: "looking for tasks" in (tmp_path / "worker").read_text(), AGAIN)
        assert wait_until(lambda: "Uvicorn running" in (tmp_path / "serve").read_text(), AGAIN)
        yield post


def test_no_request_is_slower_and_no_task_is_lost(
    post: Callable[[str], float], upstream: Loopback, proxy: Proxy
) -> None:
    seconds = [post(f"refused {number}") for number in away(proxy, Toxics(down=True))]
    seconds += [post(f"silent {number}") for number in away(proxy, Toxics(timeout=True))]
    assert max(seconds) < 1
    proxy.toxics = Toxics()
    proxy.close_all()
    assert wait_until(lambda: len(announced(upstream)) == len(seconds), AGAIN)


def away(proxy: Proxy, toxics: Toxics) -> range:
    proxy.toxics = toxics
    proxy.close_all()
    return range(50)


def announced(upstream: Loopback) -> set[str]:
    return {json.loads(request.body)["text"] for request in upstream.requests}
