"""Nothing that strangers send makes a process grow: memory, objects, descriptors, threads, tasks, files."""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from generation import generate
from growth.clients import leave, read_all, send
from growth.strangers import ABANDONED, FILLS_CACHES, RESPONDED_TO, raw
from processes import Running, environment, free_port, run, wait_until
from upstreams.testing.loopback import Loopback, http_response

SERVER = Path(__file__).parent / "growth" / "server"
SORTS = [
    *((name, made, read_all) for name, made in RESPONDED_TO.items()),
    *((name, made, leave) for name, made in ABANDONED.items()),
]
ROUNDS = 3
"""Only what grows in each of them is kept: the first may fill a cache that has a limit."""

Census = dict[str, int]


class Service:
    """A generated project's `serve`, with its settings for production."""

    def __init__(self, port: int) -> None:
        self.port = port

    def census(self) -> Census:
        response = asyncio.run(read_all(self.port, raw("/census")))
        found: Census = json.loads(response.partition(b"\r\n\r\n")[2])
        return found

    def is_up(self) -> bool:
        try:
            return bool(self.census())
        except (OSError, ValueError):
            return False


@pytest.fixture(params=["true", "false"], ids=["fast path", "stock handler"])
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
            FAST_PATH=request.param,
            UPSTREAM=upstream.url,
            SECRET_KEY="k" * 60,
            ENV_FILE=os.devnull,
            SECURE_SSL_REDIRECT="false",
            FORWARDED_ALLOW_IPS="127.0.0.1,fe80::/10",
            DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3",
            TMPDIR=str(tmp_path / "temporary"),
            LOG_LEVEL="ERROR",
        )
        run([sys.executable, "manage.py", "migrate", "-v0"], project, env, 120)
        command = [sys.executable, "manage.py", "serve", "--port", str(service.port)]
        running = start(command, project, env)
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


def growth(service: Service, requests: int) -> dict[str, Census]:
    """Name the sorts of requests that make the process grow in each round, and what."""
    limits, found = bounds(requests), {}
    for name, made, how in SORTS:
        send(service.port, FILLS_CACHES.get(name, 40) if requests > 1000 else 20, made, how, 1_000_000)
        for number in range(ROUNDS):
            before = service.census()
            send(service.port, requests, made, how, number * requests)
            if not (more := grown(service, before, limits)):
                break
        else:
            found[name] = more
    return found


@pytest.mark.parametrize("service", ["true"], ids=["fast path"], indirect=True)
def test_nothing_grows(service: Service) -> None:
    assert growth(service, 20) == {}


@pytest.mark.long
def test_nothing_grows_in_2000_requests_of_each_sort(service: Service) -> None:
    assert growth(service, 2000) == {}
