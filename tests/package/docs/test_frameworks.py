"""The code of docs/frameworks.md in real processes: calls, their errors, what they inherit, and the end of the clients."""

import json
import os
import shutil
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from pathlib import Path

import pytest

from docs.commands import SECONDS, run, serving
from docs.frameworks import SERVERS, write_project
from docs.origin import TOGETHER, Origin
from docs.test_docs import INHERITED, PROJECT

CLOSED = (
    "upstream quotes: GET random: its client is not open: it has closed, or opens later; in on_startup, "
    "call upstreams that are before this one in settings.UPSTREAMS"
)
PROCESSES = {name: 2 if name.startswith("two") else 1 for name in SERVERS}
pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif(sys.platform == "win32", reason="commands are for sh"),
]


@pytest.fixture(scope="module")
def origin():
    with Origin() as origin:
        yield origin


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    folder = tmp_path_factory.mktemp("frameworks") / "project"
    return write_project(shutil.copytree(PROJECT, folder, ignore=shutil.ignore_patterns("__pycache__")))


@pytest.fixture(scope="module")
def env(project, origin, tmp_path_factory):
    kept = {name: value for name, value in os.environ.items() if name in INHERITED}
    path = os.pathsep.join([str(Path(sys.executable).parent), kept["PATH"]])
    notes = str(tmp_path_factory.mktemp("notes"))
    own = {
        "PATH": path,
        "PYTHONPATH": str(project),
        "SECRET_KEY": "k" * 50,
        "QUOTES_URL": origin.url,
        "NOTES": notes,
    }
    return {**kept, **own, "DJANGO_SETTINGS_MODULE": "mysite.settings"}


@pytest.fixture(scope="module", params=SERVERS)
def server(request, project, env):
    with serving(SERVERS[request.param], project, env) as server:
        server.name = request.param
        yield server


def get(server, path, request_id):
    """Return the status and the body of a response."""
    connection = HTTPConnection("127.0.0.1", server.port, timeout=SECONDS)
    connection.request("GET", path, headers={"X-Request-ID": request_id})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, body.decode()


def test_a_view_returns_what_its_upstream_responds(server):
    status, body = get(server, "/quote", "simple")
    assert (status, json.loads(body)) == (200, {"text": "simple", "author": "Tim"})


def test_requests_at_once_keep_their_ids_apart(server):
    ids = [f"together-{number}" for number in range(TOGETHER)]
    with ThreadPoolExecutor(TOGETHER) as threads:
        responses = list(threads.map(lambda one: get(server, "/quote", one), ids))
    assert [json.loads(body)["text"] for _, body in responses] == ids


def test_the_error_of_a_call_is_a_response(server):
    status, body = get(server, "/quote", "missing")
    assert (status, json.loads(body)) == (502, {"detail": "UpstreamStatusError"})


def test_sync_code_in_a_thread_calls_too(server):
    status, body = get(server, "/quote-sync", "sync")
    assert (status, json.loads(body)) == (200, {"text": "sync", "author": "Tim"})


def test_the_deadline_of_a_request_ends_its_calls(server):
    _, body = get(server, "/limit", "late")
    assert json.loads(body) == {"limit": "request_timeout(0.2)"}


def test_the_metrics_count_calls_and_show_clients(server):
    get(server, "/quote", "counted")
    _, body = get(server, "/metrics/", "metrics")
    assert 'upstream_calls_total{alias="quotes",outcome="ok"}' in body
    assert 'upstream_breaker_state{alias="quotes",state="closed"} 1.0' in body


def test_views_of_django_bolt_alone_run_in_another_loop_than_that_of_the_clients(server):
    _, body = get(server, "/process", "process")
    assert json.loads(body)["owns"] is (server.name in ("fastapi", "starlette"))


def test_settings_need_no_module_and_calls_no_request(project, env):
    assert "Quote(text='', author='Tim')" in run("python configured.py", project, env)


def test_the_kit_and_the_clients_of_the_frameworks_work_in_process(project, env):
    assert "5 passed" in run("python -m pytest -q test_kit.py", project, env)


@pytest.mark.parametrize("name", SERVERS)
def test_the_clients_close_after_the_last_request(name, project, env, tmp_path):
    processes = set()
    with Origin() as origin, ThreadPoolExecutor(1) as thread:
        own = {**env, "QUOTES_URL": origin.url, "NOTES": str(tmp_path)}
        with serving(SERVERS[name], project, own) as server:
            wait_until(lambda: serves(server, processes) == PROCESSES[name])
            held = thread.submit(get, server, "/quote", "held")
            assert origin.is_held.wait(SECONDS)
            server.stop()
            wait_until(lambda: refuses(server))
            origin.release()
            assert json.loads(held.result()[1])["text"] == "held"
    notes = [json.loads(note.read_text()) for note in tmp_path.iterdir()]
    assert notes == [[[], CLOSED]] * PROCESSES[name]


def serves(server, processes):
    """Add the process that responds to a set, and return how many there are."""
    processes.add(get(server, "/process", "process")[1])
    return len(processes)


def refuses(server):
    try:
        socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS).close()
    except ConnectionRefusedError:
        return True
    return False


def wait_until(is_so):
    ends = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < ends
        time.sleep(0.02)
