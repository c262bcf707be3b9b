"""A generated project's `serve`, with its settings for production and the views of `server/`."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from generation import generate
from processes import Running, environment, free_port, run, wait_until
from upstreams.testing.loopback import Loopback, http_response

from growth.clients import read_all
from growth.strangers import TOKEN, raw

SERVER = Path(__file__).parent / "server"
PREPARE = f"""
from django.core.management import call_command; from upstreams.contrib.tokens import tokens
from upstreams.contrib.tokens.models import Token; from users.models import User
call_command("migrate", verbosity=0); call_command("collectstatic", interactive=False, verbosity=0)
Token.objects.create(user=User.objects.create_user("ada"), name="a", digest=tokens.digest("{TOKEN}"))
"""
FEW = 60
"""Descriptors; a service without a client has 15."""
HANDLERS = pytest.mark.parametrize("service", ["true", "false"], ids=["fast path", "stock"], indirect=True)

Census = dict[str, int]


class Service:
    """Listens on a port, and counts what its process holds."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.log = Path()

    def census(self) -> Census:
        response = asyncio.run(read_all(self.port, raw("/census")))
        found: Census = json.loads(response.partition(b"\r\n\r\n")[2])
        return found

    def is_up(self) -> bool:
        try:
            return bool(self.census())
        except (OSError, ValueError):
            return False


@pytest.fixture
def service(
    request: pytest.FixtureRequest, tmp_path: Path, start: Callable[..., Running]
) -> Iterator[Service]:
    project = generate(tmp_path / "out")
    (tmp_path / "temporary").mkdir()
    service = Service(free_port())
    with Loopback() as upstream:
        upstream.on("*", http_response({"n": "x" * 500}))
        large = http_response({"n": "x" * 100_000}, headers={"cache-control": "max-age=600"})
        upstream.on("/cached", large)
        env = environment(
            PYTHONPATH=f"{project}{os.pathsep}{SERVER}",
            DJANGO_SETTINGS_MODULE="growth_settings",
            FAST_PATH="false" if request.param == "false" else "true",
            UPSTREAM=upstream.url,
            SECRET_KEY="k" * 60,
            ENV_FILE=os.devnull,
            SECURE_SSL_REDIRECT="false",
            FORWARDED_ALLOW_IPS="127.0.0.1,fe80::/10",
            DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3",
            TMPDIR=str(tmp_path / "temporary"),
            LOG_LEVEL="WARNING",
        )
        run([sys.executable, "manage.py", "shell", "-v0", "-c", PREPARE], project, env, 120)
        command = [sys.executable, "manage.py", "serve", "--port", str(service.port)]
        few = ["prlimit", f"--nofile={FEW}:{FEW}"] if request.param == "few descriptors" else []
        running = start([*few, *command], project, env)
        service.log = running.log
        assert wait_until(service.is_up, 120), running.log.read_text()
        yield service


def bounds(requests: int) -> Census:
    """By how much a process may grow: less than one object, or one kilobyte, for each of many requests."""
    memory = max(requests, 1000)
    return {
        "kilobytes": memory,
        "blocks": memory if requests > 1000 else 5 * memory,  # few requests have not used every thread
        "objects": memory,
        **dict.fromkeys(("descriptors", "threads", "tasks", "files"), 4 + requests // 50),
    }


def grown(service: Service, before: Census, limits: Census) -> Census:
    """What has grown beyond its limit, and does not shrink within 15 seconds."""
    ends = time.monotonic() + 15
    while True:
        now = service.census()
        found = {what: now[what] - before[what] for what in limits if now[what] - before[what] > limits[what]}
        if not found or time.monotonic() > ends:
            return found
        time.sleep(0.1)
