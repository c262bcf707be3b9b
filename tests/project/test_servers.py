"""Other ASGI servers, by their own commands: a failed start ends them, and every caller shares one pool."""

import json
import socket
import sys
import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from generation import ROOT
from processes import Running, environment, free_port, run, wait_until

PACKAGES = ["granian>=2.8,<3", "gunicorn>=27,<28", "hypercorn>=0.18,<0.19"]
UV_RUN = [
    str(ROOT / "scripts" / "uv"),
    "run",
    "--quiet",
    "--no-sync",
    *(f"--with={package}" for package in PACKAGES),
]
SERVERS = {
    "uvicorn": "uvicorn --lifespan on --port {port}",
    "uvicorn with 2 workers": "uvicorn --lifespan on --port {port} --workers 2",
    "granian": "granian --interface asgi --port {port}",
    # Its control socket would lie in the home directory.
    "gunicorn": "gunicorn --worker-class asgi --asgi-lifespan on --bind 127.0.0.1:{port} --no-control-socket",
    "hypercorn": "hypercorn --bind 127.0.0.1:{port}",
}
EXIT_CODES = {"uvicorn": 3, "uvicorn with 2 workers": 0, "granian": 1, "gunicorn": 3, "hypercorn": 0}
SAYS = {
    "raise": "start-up failed: upstream quotes: on_startup failed: RuntimeError('no token')",
    "hang": "start-up failed: upstream quotes: on_startup took longer than STARTUP_TIMEOUT, 0.2 s",
}
QUOTE = {"text": "one pool", "author": "me"}
ANSWERS = {"/random": QUOTE, "/authors/me": [QUOTE]}
SECONDS = 60

Start = Callable[..., Running]

FOLDER = ROOT / "tests" / "package"  # of the test project, which has all that is served here


class Upstream(ThreadingHTTPServer):
    """Keeps connections open for as long as the other side does, and counts them."""

    accepted = 0

    def get_request(self) -> tuple[socket.socket, Any]:
        connection = super().get_request()
        self.accepted += 1
        return connection


class Quotes(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        body = json.dumps(ANSWERS[self.path]).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def servers() -> None:
    """UV_RUN has nothing left to download."""
    run([*UV_RUN, "python", "-c", ""], FOLDER, environment())


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(("127.0.0.1", 0), Quotes) as server:
        threading.Thread(target=server.serve_forever).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize("server", SERVERS)
@pytest.mark.parametrize("how", SAYS)
def test_a_failed_start_rolls_back_and_ends_every_server(
    servers: None, start: Start, server: str, how: str
) -> None:
    env = environment(DJANGO_SETTINGS_MODULE="testproject.failing.settings", ON_STARTUP=how)
    running = start(command(server, port=0), FOLDER, env)
    assert running.everything_ends_within(SECONDS), running.left()
    log = running.log.read_text()
    assert running.process.returncode == EXIT_CODES[server], log
    assert -1 < log.find("closed first") < log.find(SAYS[how]), log
    assert "closed third" not in log


@pytest.mark.parametrize("server", ["uvicorn", "granian", "gunicorn", "hypercorn"])
def test_all_callers_share_one_connection_on_every_server(
    servers: None, start: Start, server: str, upstream: Upstream, tmp_path: Path
) -> None:
    env = environment(
        DJANGO_SETTINGS_MODULE="testproject.callers.settings",
        DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3",
        QUOTES_URL=f"http://127.0.0.1:{upstream.server_port}",
    )
    run([sys.executable, "manage.py", "migrate", "-v0"], FOLDER, env)
    port = free_port()
    running = start(command(server, port), FOLDER, env)
    running.json_from(f"http://127.0.0.1:{port}/async", SECONDS)
    paths = ["/async", "/sync", "/thread", "/foreign-loop", "/model"] * 2
    answers = [(path, get(f"http://127.0.0.1:{port}{path}")) for path in paths]
    running.terminate()
    assert running.everything_ends_within(SECONDS), running.left()
    seen = {"text": "one pool", "same thread and connection": True, "sees its row": True}
    expected = {path: {"text": "one pool"} for path in paths} | {"/sync": seen}
    assert answers == [(path, expected[path]) for path in paths]
    assert upstream.accepted == 1
    # Without one all callers would share the portal's connection instead.
    assert "without a lifespan" not in running.log.read_text()


@pytest.mark.parametrize("server", ["uvicorn", "granian", "gunicorn", "hypercorn"])
def test_a_proxy_that_a_file_of_variables_names_is_trusted_on_every_server(
    servers: None, start: Start, server: str, tmp_path: Path
) -> None:
    variables = tmp_path / "variables"
    variables.write_text("FORWARDED_ALLOW_IPS=127.0.0.0/8\n")
    env = environment(DJANGO_SETTINGS_MODULE="testproject.proxied.settings", TEST_ENV_FILE=str(variables))
    port = free_port()
    running = start(command(server, port), FOLDER, env)
    forwarded = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https"}
    answers: list[object] = []

    def is_answered() -> bool:
        with suppress(OSError):  # nobody listens yet, or it is redirected to a port without TLS
            answers.append(get(f"http://127.0.0.1:{port}/whoami", forwarded))
        return bool(answers)

    assert wait_until(is_answered, SECONDS), running.log.read_text()
    running.terminate()
    assert running.everything_ends_within(SECONDS), running.left()
    assert answers[0] == {"client": "203.0.113.9", "secure": True}


def command(server: str, port: int) -> list[str]:
    return [*UV_RUN, *SERVERS[server].format(port=port).split(), "testproject.asgi:application"]


def get(url: str, headers: Mapping[str, str] | None = None) -> object:
    request = urllib.request.Request(url, headers=dict(headers or {}))
    with urllib.request.urlopen(request, timeout=SECONDS) as response:
        return json.load(response)
