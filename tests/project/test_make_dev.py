"""`make dev`, on a machine where something is in the way: one line says what, and what to do."""

import random
import shutil
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from generation import INSTALLED, name_of
from processes import FIRST_INSTALL, Running, attempt, environment, free_port, wait_until

pytestmark = pytest.mark.parametrize("installed", INSTALLED[:1], indirect=True, ids=name_of)
STOP_WITHIN = 30  # seconds


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def test_a_taken_port_is_named(installed: Path, taken: int) -> None:
    assert said(installed, str(taken)) == f"port {taken} cannot be used; `make dev PORT=8010` takes another"


@pytest.mark.parametrize("port", ["", "abc", "99999", "-1"])
def test_a_port_that_is_none_is_named(installed: Path, port: str) -> None:
    assert said(installed, port) == f"port {port} cannot be used; `make dev PORT=8010` takes another"


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        ("nonsense", "DATABASE_URL: write sqlite:///db.sqlite3 or postgresql://"),
        ("postgresql://127.0.0.1:9/none", "the database cannot be used: "),
        ("sqlite:////no/such/folder/db.sqlite3", "the database cannot be used: "),
    ],
)
def test_a_database_that_is_not_there_is_named(installed: Path, url: str, complaint: str) -> None:
    assert said(installed, str(free_port()), DATABASE_URL=url).startswith(complaint)


def test_the_upstream_whose_url_is_set_is_called_and_not_mocked(
    installed: Path, start: Callable[..., Running], taken: int
) -> None:
    env = environment(UPSTREAMS__QUOTES__BASE_URL=f"http://127.0.0.1:{taken}")
    port = free_port()
    dev = start(["make", "dev", f"PORT={port}"], installed, env)
    assert wait_until(lambda: is_ready(port), FIRST_INSTALL), dev.log.read_text()
    assert "services/quotes_openapi.json" not in dev.log.read_text()
    dev.terminate()
    assert dev.everything_ends_within(STOP_WITHIN), dev.left()


def test_two_projects_run_side_by_side(installed: Path, start: Callable[..., Running]) -> None:
    other = installed.parent / "other"
    shutil.copytree(installed, other, symlinks=True)
    ports = [free_port(), free_port()]
    both = [
        start(["make", "dev", f"PORT={port}"], project, environment())
        for port, project in zip(ports, (installed, other), strict=True)
    ]
    for dev, port in zip(both, ports, strict=True):
        assert set(dev.json_from(f"http://127.0.0.1:{port}/v1/quotes/random")) == {"text", "author"}
        assert "/admin/ (`make user` adds the first user)\n" in dev.log.read_text()
    for dev in both:
        dev.terminate()
        assert dev.everything_ends_within(STOP_WITHIN), dev.left()


@pytest.mark.parametrize("rounds", [2, pytest.param(200, marks=pytest.mark.long)])
def test_it_stops_at_any_moment_beside_other_load(
    installed: Path,
    start: Callable[..., Running],
    rounds: int,
    record_property: Callable[[str, object], None],
) -> None:
    ways = [Running.terminate, Running.interrupt, Running.hang_up]
    chosen = random.Random(16)
    took = []
    with busy_loops(2):
        for number in range(rounds):
            port = free_port()
            dev = start(["make", "dev", f"PORT={port}"], installed, environment())
            if number % 2:  # while it reloads, with a request in flight; otherwise while it starts
                assert wait_until(partial(is_ready, port), FIRST_INSTALL), dev.log.read_text()
                (installed / "services" / "apps.py").touch()
                threading.Thread(target=is_ready, args=[port], daemon=True).start()
            time.sleep(chosen.uniform(0, 4))
            ways[number % len(ways)](dev)
            began = time.monotonic()
            assert dev.everything_ends_within(STOP_WITHIN), f"{dev.left()}\n{dev.log.read_text()}"
            took.append(time.monotonic() - began)
    record_property("seconds", took)
    within = sum(seconds < 5 for seconds in took)
    print(f"{within} of {rounds} within 5 s; at most {max(took):.1f} s, mean {sum(took) / rounds:.1f} s")


@contextmanager
def busy_loops(count: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def said(project: Path, port: str, **variables: str) -> str:
    """The one line of the error, without its name."""
    done = attempt(["make", "dev", f"PORT={port}"], project, environment(**variables))
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in done.stderr
    return line.removeprefix("error: ")
