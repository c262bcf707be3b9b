"""Guesses at the admin's password, behind a proxy, on two workers and on each database: ten, and then none."""

import json
import os
import socket
import sys
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from generation import generate
from processes import Running, environment, free_port, run, wait_until

SERVER = "postgresql://postgres@127.0.0.1:5432"
CSRF = "a" * 32
USER = """
from django.core.management import call_command; from users.models import User
call_command("migrate", verbosity=0); call_command("collectstatic", interactive=False, verbosity=0)
User.objects.create_superuser("ada", password="right")
"""


class NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        return None


def listens() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", 5432)) == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/db.sqlite3"
        return
    if not listens():
        pytest.skip("no PostgreSQL listens on 127.0.0.1:5432")
    name = f"template_logins_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
        yield f"{SERVER}/{name}"
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.fixture
def serving(database: str, tmp_path: Path, start: Callable[..., Running]) -> tuple[int, Running]:
    project, port = generate(tmp_path / "out"), free_port()
    env = environment(
        PYTHONPATH=str(project),
        SECRET_KEY="k" * 60,
        ENV_FILE=os.devnull,
        ALLOWED_HOSTS="target.test",
        FORWARDED_ALLOW_IPS="127.0.0.1",
        DATABASE_URL=database,
        WEB_CONCURRENCY="2",
    )
    run([sys.executable, "manage.py", "shell", "-v0", "-c", USER], project, env, 120)
    running = start([sys.executable, "manage.py", "serve", "--port", str(port)], project, env)
    assert wait_until(lambda: ask(port, "/livez") == 200, 120), running.log.read_text()
    return port, running


def ask(port: int, path: str, address: str = "198.51.100.1", password: str | None = None) -> int:
    """Return the status of a request from this address, with a login if there is a password."""
    form = {"username": "ada", "password": password, "csrfmiddlewaretoken": CSRF}
    headers = {
        "Host": "target.test",
        "Origin": "https://target.test",
        "Cookie": f"csrftoken={CSRF}",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": address,
    }
    body = urllib.parse.urlencode(form).encode() if password else None
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
    try:
        status: int = urllib.request.build_opener(NoRedirect).open(request, timeout=30).status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0
    return status


def test_guesses_are_refused_by_each_worker(serving: tuple[int, Running]) -> None:
    port, running = serving
    # The client writes what stands left of its own address, which the proxy adds.
    guesses = [ask(port, "/admin/login/", f"6.6.6.{n}, 203.0.113.9", f"guess {n}") for n in range(16)]
    assert guesses == [200] * 10 + [429] * 6
    assert ask(port, "/admin/login/", "203.0.113.9", "right") == 429
    assert ask(port, "/admin/login/", "203.0.113.10", "right") == 302
    assert ask(port, "/v1/") == 200
    assert wait_until(lambda: "/v1/" in [line.get("route") for line in lines_of(running)], 10)
    assert [
        line for line in lines_of(running) if line.get("route") == "/v1/" and "thread_taken_by" in line
    ] == []
    assert [line for line in lines_of(running) if line["level"] == "error"] == []


def lines_of(running: Running) -> list[dict[str, str]]:
    # Whole ones; what follows the last newline is still being written.
    return [json.loads(line) for line in running.log.read_text().split("\n")[:-1] if line.startswith("{")]
