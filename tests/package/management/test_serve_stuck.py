"""A worker that never ends its requests, or does not respond, is replaced by another, and the log says why."""

import json
import os
import re
import signal
import subprocess
import sys

import pytest
from testproject.processes import free_port, seen
from upstreams.core.httpx import httpx

pytestmark = pytest.mark.processes

REASON = "1 stuck requests hold all places of MAX_REQUESTS for STUCK_REQUESTS_EXIT, 0.5 s"


@pytest.fixture
def serve():
    started = []

    def serve(*arguments):
        port = str(free_port())
        command = [sys.executable, "manage.py", "serve", "--port", port, *arguments]
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "testproject.stuck.settings"}
        process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process, f"http://127.0.0.1:{port}"

    yield serve
    for process in started:
        process.terminate()
        process.communicate(timeout=60)


def ask(url):
    return httpx.get(url, headers={"Host": "testserver"}, timeout=30, trust_env=False).status_code


def test_the_process_exits_with_a_code_and_its_last_line_says_why(serve):
    process, url = serve()
    seen(process, "Uvicorn running")
    assert ask(f"{url}/deadlocks") == 504
    _, written = process.communicate(timeout=60)  # which goes on while the view hangs
    lines = written.splitlines()
    assert process.returncode == 1
    assert json.loads(lines[-1])["event"] == f"exit with code 1: {REASON}"
    (named,) = [line for line in lines if "is stuck" in line]
    assert "in deadlocks" in named
    assert any("shutdown: closed" in line for line in lines)


def test_a_worker_that_exits_is_replaced_while_the_other_serves(serve):
    process, url = serve("--workers", "2")
    for _ in range(2):
        seen(process, "Application startup complete")
    assert ask(f"{url}/deadlocks") == 504
    seen(process, REASON)
    assert "exited with code 1" in seen(process, "exited with code")[-1]
    seen(process, "Application startup complete")
    assert {ask(f"{url}/fine") for _ in range(20)} == {200}


def test_a_worker_that_does_not_respond_is_named_and_replaced(serve):
    process, url = serve("--workers", "2")
    lines = [line for _ in range(2) for line in seen(process, "Application startup complete")]
    frozen = int(re.search(r"Started server process \[(\d+)", "".join(lines))[1])
    os.kill(frozen, signal.SIGSTOP)
    assert f"worker {frozen} does not respond, and is killed" in seen(process, "does not respond")[-1]
    seen(process, "Application startup complete")
    assert {ask(f"{url}/fine") for _ in range(20)} == {200}
