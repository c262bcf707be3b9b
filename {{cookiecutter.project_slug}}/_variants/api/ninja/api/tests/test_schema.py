"""The running service does what its OpenAPI schema says, whatever is sent to it."""

import subprocess
import sys
from functools import partial

import pytest
from upstreams.testing.loopback import http_response

from api.urls import api
from tests.processes import SECONDS, environment, serving

pytestmark = pytest.mark.processes

EXAMPLES = 30
"""Requests to each operation with data that fits its schema, and with data that does not, besides all boundaries."""
LIMIT = 300
"""Seconds; it takes ten."""

QUOTE = {"text": "What we know is a drop.", "author": "Isaac Newton"}  # example: quotes
# What the upstreams respond with: path -> JSON.
RESPONSES: dict[str, object] = {
    "/random": QUOTE,  # example: quotes
    "/export": QUOTE,  # example: quotes
    "/likes": {},  # example: quotes
    "*": [QUOTE],  # example: quotes
}


@pytest.fixture
def variables(loopback, database_url):
    for path, body in RESPONSES.items():
        loopback.on(path, http_response(body))
    return {"DATABASE_URL": database_url, "UPSTREAM_URL": loopback.url, "LOG_LEVEL": "ERROR"}


@pytest.fixture
def token(variables):
    """The key of a client that acts as the user ada."""
    env = environment(**variables)
    run = partial(subprocess.run, env=env, check=True, capture_output=True, text=True, timeout=SECONDS)
    user = ["--username", "ada", "--email", "ada@example.com"]
    run([sys.executable, "manage.py", "createsuperuser", "--no-input", *user])
    return run([sys.executable, "manage.py", "createtoken", "ada", "--name", "a test"]).stdout.strip()


@pytest.mark.skipif(not api.get_openapi_schema()["paths"], reason="the API has no operations yet")
def test_every_response_is_one_that_the_schema_names(variables, token, tmp_path):
    options = ["--no-color", "--checks=all", f"--max-examples={EXAMPLES}", "--generation-deterministic"]
    options += [f"--wait-for-schema={SECONDS}", f"--request-timeout={SECONDS}", "--continue-on-failure"]
    options += [f"--header=Authorization: Bearer {token}"]
    with serving(**variables) as service:
        url = f"http://127.0.0.1:{service.port}/v1/openapi.json"
        command = [sys.executable, "-m", "schemathesis.cli", "run", url, *options]
        done = subprocess.run(
            command, cwd=tmp_path, timeout=LIMIT, check=False, capture_output=True, text=True
        )
    assert done.returncode == 0, done.stdout + done.stderr
