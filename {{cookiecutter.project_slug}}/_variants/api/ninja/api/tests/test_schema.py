"""The running service does what its schema says, whatever is sent to it."""

import os
import subprocess
import sys

import pytest

from api.urls import api
from testing.upstream import answer
from tests import processes
from tests.processes import SECONDS, free_port

pytestmark = pytest.mark.processes

EXAMPLES = 30
"""Requests to each operation with data that fits its schema, and with data that does not, besides all boundaries."""
LIMIT = 300
"""Seconds; it takes ten."""

QUOTE = {"text": "What we know is a drop.", "author": "Isaac Newton"}
# What the upstreams answer.
ANSWERS = {"/random": QUOTE, "/export": QUOTE, "/likes": {}, "*": [QUOTE]}


@pytest.fixture
def environment(loopback, database_url):
    for path, body in ANSWERS.items():
        loopback.on(path, answer(body))
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "api.tests.settings",
        "DATABASE_URL": database_url,
        "UPSTREAM_URL": loopback.url,
        "LOG_LEVEL": "ERROR",
    }


@pytest.fixture
def token(environment):
    return processes.token(environment)


@pytest.fixture
def log(tmp_path):
    return tmp_path / "log.txt"


@pytest.fixture
def url(environment, log):
    """Where the service answers, once it has started."""
    port = str(free_port())
    command = [sys.executable, "manage.py", "serve", "--port", port]
    with log.open("w") as stderr, subprocess.Popen(command, env=environment, stderr=stderr) as process:
        yield f"http://127.0.0.1:{port}"
        process.terminate()


@pytest.mark.skipif(not api.get_openapi_schema()["paths"], reason="the API has no operations yet")
def test_every_answer_is_one_that_the_schema_names(url, token, log, tmp_path):
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}/v1/openapi.json", "--no-color"]
    headers = [f"--header=Authorization: Bearer {token}"]
    checks = ["--checks=all", f"--max-examples={EXAMPLES}", "--generation-deterministic"]
    patience = [f"--wait-for-schema={SECONDS}", f"--request-timeout={SECONDS}", "--continue-on-failure"]
    done = subprocess.run(
        [*command, *headers, *checks, *patience],
        cwd=tmp_path,
        timeout=LIMIT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr + log.read_text()[-5000:]
