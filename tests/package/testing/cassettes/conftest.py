"""A project with cassettes, and the upstream that it records, which has stopped when they are replayed."""

import gzip
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

import pytest
from upstreams.testing import Loopback, http_response

SECRETS = {
    "RATES_TOKEN": "bearer/secret+of=rates",
    "RATES_ACCOUNT": "secret-account-4711",
    "RATES_PASSWORD": "basic-secret:%of_rates",
    "RATES_CLIENT_SECRET": "client-secret-of-rates",
    "CUSTOMER": "secret-customer",
}
OF_UPSTREAM = ("session-secret", "query-secret", "other-token-secret", "refresh-secret", "packed-secret")
"""Secrets that the upstream sends."""
JSON = {"content-type": "application/json"}
EVENTS = [b"data: %d\n\n" % number for number in range(1, 5)]


class Echo(Loopback):
    """Sends the credentials of a request back at `/echo`, as debug pages do."""

    async def _connection(self, reader, writer):
        class Reader:
            async def readuntil(self, end):
                head = await reader.readuntil(end)
                if b" /echo " in head:
                    self_.clear_path("/echo").on("/echo", http_response(head, 500))
                return head

            def __getattr__(self, name):
                return getattr(reader, name)

        self_ = self
        await super()._connection(Reader(), writer)

    def clear_path(self, path):
        self._scripts.pop(path, None)
        return self


def scripted(server):
    token = SECRETS["RATES_TOKEN"]
    cookie = {**JSON, "set-cookie": "session=session-secret; Path=/"}
    chunked = b"HTTP/1.1 200 OK\r\ncontent-type: %s\r\ntransfer-encoding: chunked\r\n\r\n"
    server.on("/v1/eur", http_response('{"eur": 1.25, "name": "Euro €"}'.encode(), headers=cookie))
    server.on("/v1/convert", http_response({"amount": 1.25}, headers=JSON))
    server.on("/v1/busy", http_response({"attempt": 1}, 503)).on("/v1/busy", http_response({"attempt": 2}))
    message = f'you are not allowed: {token} "session-secret"\n{{"refresh_token": "refresh-secret"}}'
    server.on("/v1/refused", http_response(message.encode(), 403, cookie))
    location = "/elsewhere?token=query-secret&again=bearer%2Fsecret%2Bof%3Drates"
    server.on("/v1/moved", http_response(b"", 302, {"location": location}))
    server.on("/token", http_response({"access_token": "other-token-secret", "expires_in": 3600}))
    server.on("/v1/hang", "hang")
    server.on("/v1/cut", b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf", "reset")
    server.on("/v1/not_http", b"SSH-2.0-OpenSSH\r\n", "close")
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (b"one", b"two \xff", b"three")]
    server.on(
        "/v1/chunks", chunked % b"text/plain" + chunks[0], 0.05, chunks[1], 0.05, chunks[2] + b"0\r\n\r\n"
    )
    events = [b"%x\r\n%s\r\n" % (len(event), event) for event in EVENTS]
    head = chunked % b"text/event-stream"
    server.on("/v1/events", head + events[0], events[1], "hang")
    lines = [b"%x\r\n%s\r\n" % (len(line), line) for line in (b'{"n": 1}\n', b'{"n": 2}\n')]
    server.on("/v1/lines", chunked % b"application/x-ndjson" + lines[0], 0.05, lines[1] + b"0\r\n\r\n")
    server.on(
        "/v1/dated", http_response(b"", headers={"date": format_datetime(datetime.now(UTC), usegmt=True)})
    )
    packed = gzip.compress(b"packed text")
    server.on("/v1/gzip", http_response(packed, headers={"content-encoding": "gzip"}))
    server.on("/v1/upload", http_response({"stored": True}))
    server.on("/v1/pairs/eur%2Fusd", http_response(b"pair"))
    server.on("/v1/pairs/eur%3Ausd", http_response(b"pair"))
    return server


class Project:
    """A project in a folder of its own, whose tests run in a process."""

    def __init__(self, folder, env):
        self.folder = folder
        self.env = env

    def pytest(self, *arguments, **env):
        return self.run("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-rfE", *arguments, **env)

    def run(self, *arguments, **env):
        kept = {n: v for n, v in os.environ.items() if not n.startswith(("DJANGO", "PYTEST")) and n != "CI"}
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.folder,
            env={**kept, **self.env, "COLUMNS": "500", "PYTHONDONTWRITEBYTECODE": "1", **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.stdout + done.stderr

    def cassette(self, test):
        return self.folder / "cassettes" / "test_rates" / f"{test}.yaml"

    def copied(self, folder):
        return Project(shutil.copytree(self.folder, folder / "project"), self.env)


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """The project after `pytest --record`, its upstream stopped, and what pytest has printed."""
    folder = tmp_path_factory.mktemp("cassettes") / "project"
    shutil.copytree(Path(__file__).parent / "project", folder)
    (folder / "rates_tests.py").rename(folder / "test_rates.py")
    (folder / "conftest.py").write_text('pytest_plugins = ["upstreams.testing.offline"]\n')
    with Loopback() as gone:
        down = gone.url
    with scripted(Echo()) as server:
        project = Project(folder, {"RATES_URL": server.url, "DOWN_URL": down})
        aliases = [f"--record={alias}" for alias in ("rates", "basic", "oauth", "down")]
        output = project.pytest(*aliases, **SECRETS)
    return project, output


@pytest.fixture
def project(recorded, tmp_path):
    """A copy of it, to change."""
    return recorded[0].copied(tmp_path)
