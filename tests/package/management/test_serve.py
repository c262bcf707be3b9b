"""`manage.py serve` as a process: what it says, and how it ends."""

import os
import socket
import subprocess
import sys
import threading

import pytest
from testproject.processes import environment, free_port, seen
from upstreams.core.httpx import httpx
from upstreams.testing.loopback import http_response
from uvicorn.config import STARTUP_FAILURE

pytestmark = pytest.mark.processes

SECONDS = 60
SAYS = {
    "raise": "start-up failed: upstream quotes: on_startup failed: RuntimeError('no token')",
    "hang": "start-up failed: upstream quotes: on_startup took longer than STARTUP_TIMEOUT, 0.2 s",
}


def serve(*arguments, **env):
    command = [sys.executable, "manage.py", "serve", "--port", "0", *arguments]
    return subprocess.run(
        command, env=os.environ | env, capture_output=True, text=True, timeout=SECONDS, check=False
    )


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize("how", ["raise", "hang"])
def test_a_failed_start_is_named_and_ends_with_a_code(how, workers):
    done = serve("--workers", workers, DJANGO_SETTINGS_MODULE="testproject.failing.settings", ON_STARTUP=how)
    assert done.returncode == 3
    assert SAYS[how] in done.stderr
    assert "closed first" in done.stdout
    assert "closed third" not in done.stdout


def test_wrong_settings_are_one_line():
    done = serve(
        DJANGO_SETTINGS_MODULE="testproject.failing.settings", ON_STARTUP="raise", STARTUP_TIMEOUT="0"
    )
    assert done.returncode == 1
    assert 'UPSTREAMS["quotes"]["STARTUP_TIMEOUT"]: expected a number > 0.0' in done.stderr


def test_a_missing_key_is_one_line():
    done = serve(SECRET_KEY="", DJANGO_SETTINGS_MODULE="testproject.settings")
    assert done.returncode == 1
    assert done.stderr.startswith("error: SECRET_KEY: write at least 50 random characters")
    assert len(done.stderr.splitlines()) == 1


def test_a_database_that_cannot_be_opened_is_one_line():
    env = {"DJANGO_SETTINGS_MODULE": "testproject.settings", "DATABASE_URL": "sqlite:////no/such/db.sqlite3"}
    done = serve(**env)
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "the database cannot be used: unable to open database file; look at DATABASE_URL" in done.stderr


def test_a_taken_port_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = serve("--port", port, DJANGO_SETTINGS_MODULE="testproject.settings")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert f"cannot listen on 127.0.0.1:{port}" in done.stderr


def test_a_port_beyond_the_last_is_one_line():
    done = serve("--port", "99999", DJANGO_SETTINGS_MODULE="testproject.settings")
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    assert "cannot listen on 127.0.0.1:99999" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--workers", "0"], "argument --workers: write a number from 1 on"),
        (["--keyfile", "key.pem"], "--keyfile needs --certfile"),
        (["--certfile", os.devnull], f"cannot use --certfile {os.devnull}, --keyfile None"),
    ],
)
def test_a_wrong_argument_is_named(arguments, message):
    done = serve(*arguments, DJANGO_SETTINGS_MODULE="testproject.settings")
    assert done.returncode in (1, 2)
    assert message in done.stderr.splitlines()[-1]


def test_a_start_up_that_hangs_ends_when_told_to():
    command = [sys.executable, "manage.py", "serve", "--port", "0"]
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "testproject.failing.settings",
        "ON_STARTUP": "hang",
        "STARTUP_TIMEOUT": "600",
    }
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.terminate()
        killer = threading.Timer(15, process.kill)
        killer.start()
        assert (line, process.stdout.read()) == ("opening quotes\n", "closed quotes\nclosed first\n")
        assert process.wait(SECONDS) == STARTUP_FAILURE
        killer.cancel()


def test_a_missing_extra_is_one_line(tmp_path):
    (tmp_path / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')")
    done = serve(PYTHONPATH=str(tmp_path), DJANGO_SETTINGS_MODULE="testproject.settings")
    assert done.returncode == 1
    assert done.stderr == "CommandError: serve needs an extra: scripts/uv add 'django-upstreams[asgi]'\n"


def test_djangos_own_server_serves_through_the_portal(loopback):
    loopback.on("/random", http_response({"text": "a", "author": "b"}))
    port = free_port()
    command = [sys.executable, "-u", "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
    env = environment(loopback)
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            seen(process, "Quit the server", stream=process.stdout)
            responses = [httpx.get(f"http://127.0.0.1:{port}{path}") for path in ("/quotes/random", "/sync")]
        finally:
            process.terminate()  # not SIGINT, which a shell has its background jobs ignore
            logged = process.communicate(timeout=SECONDS)[1]
    assert [response.status_code for response in responses] == [200, 200]
    assert [line for line in logged.splitlines() if '"level":"info"' not in line] == []
