"""Every kind of caller shares one pool. Processes of their own, so that a deadlock is an error, not a hang."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from testproject.processes import serving
from upstreams.core.httpx import httpx
from upstreams.testing.loopback import http_response

pytestmark = pytest.mark.processes

QUOTE = {"text": "one pool", "author": "me"}
CHUNK = b"x" * 2**20
SECONDS = 60


@pytest.fixture
def environment(loopback, tmp_path):
    loopback.on("/random", http_response(QUOTE)).on("/authors/me", http_response([QUOTE]))
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "testproject.callers.settings",
        "DATABASE_URL": f"sqlite:///{tmp_path}/db.sqlite3",
        "QUOTES_URL": loopback.url,
        "PYTHONPATH": ".",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], env=env, check=True, timeout=SECONDS)
    return env


@pytest.fixture
def server(loopback, environment):
    with serving(loopback, **environment) as process:
        yield process


def test_all_callers_of_a_web_process_share_one_connection(server, loopback):
    paths = ["/async", "/sync", "/thread", "/foreign-loop", "/model"] * 2
    with httpx.Client(base_url=server.url, timeout=SECONDS) as client:
        answers = {path: client.get(path).json() for path in paths}
    assert answers == {
        "/async": {"text": "one pool"},
        "/sync": {"text": "one pool", "same thread and connection": True, "sees its row": True},
        "/thread": {"text": "one pool"},
        "/foreign-loop": {"text": "one pool"},
        "/model": {"text": "one pool"},
    }
    assert loopback.accepted == 1


def test_all_callers_of_a_command_share_one_connection(environment, loopback):
    command = [sys.executable, "-X", "dev", "-W", "error", "-m", "testproject.callers.command"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout) == {
        "threads before the first call": ["MainThread"],
        "async_to_sync": ["one pool"] * 3,
        "three loops": ["one pool"] * 3,
        "thread": "one pool",
        "wsgi": [["200 OK", "one pool"]] * 2,
        "exit code of the forked child": 0,
        "after the fork": "one pool",
    }
    assert loopback.accepted == 2  # the forked child's is its own


def test_a_forked_child_opens_its_own_clients_and_hooks_are_registered_once(environment, loopback):
    command = [sys.executable, "-m", "testproject.callers.forked"]
    done = subprocess.run(
        command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr
    hooks = ["upstreams.clients.portal", "upstreams.clients.portal", "upstreams.clients.registry"]
    assert json.loads(done.stdout) == {
        "hooks after import": [],
        "parent": ["one pool"] * 2,
        "hooks after the calls": hooks,
        "child": ["one pool"] * 2,
        "parent after the fork": ["one pool"] * 2,
        "hooks at the end": hooks,
    }
    assert loopback.accepted == 2


@pytest.mark.skipif(not Path("/proc").exists(), reason="reads the memory of a process from /proc")
def test_a_view_passes_200_mb_on_with_little_memory(server, loopback):
    def megabytes(name):
        status = Path(f"/proc/{server.pid}/status").read_text()
        return int(re.search(rf"{name}:\s+(\d+) kB", status)[1]) / 1024

    def download():
        with client.stream("GET", "/quotes/export") as response:
            return sum(len(chunk) for chunk in response.iter_raw())

    for size in (1, 200):
        head = f"HTTP/1.1 200 OK\r\ncontent-length: {size * len(CHUNK)}\r\n\r\n".encode()
        loopback.on("/export", head, *[CHUNK] * size)
    with httpx.Client(base_url=server.url, timeout=SECONDS) as client:
        assert download() == len(CHUNK)
        before = megabytes("VmRSS")
        assert download() == 200 * len(CHUNK)
    assert megabytes("VmHWM") - before < 8
