"""What `manage.py serve` shows of one worker and of several."""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager

import pytest
from testproject.processes import free_port
from upstreams.asgi import metrics_multiprocess
from upstreams.management import server
from upstreams.testing.loopback import http_response

pytestmark = pytest.mark.processes

TOKEN = "a-token-of-tests"


class Service:
    """`manage.py serve` as a process."""

    def __init__(self, *arguments, **env):
        port = str(free_port())
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "manage.py", "serve", "--port", port, *arguments]
        env = os.environ | {"DJANGO_SETTINGS_MODULE": "testproject.settings"} | env
        self.process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate(timeout=30)

    def says(self, words, times=1):
        """What it has written, as soon as these words were in it so many times."""
        written = ""
        while written.count(words) < times:
            line = self.process.stderr.readline()
            assert line, written
            written += line
        return written

    def workers(self, number):
        """The process ids of the next workers, as soon as they have started."""
        written = self.says("Application startup complete", number)
        while not self.listens():  # which no line of a worker tells
            time.sleep(0.01)
        return [int(pid) for pid in re.findall(r"Started server process \[(\d+)\]", written)]

    def listens(self):
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", int(self.url.rpartition(":")[2]))) == 0

    def get(self, path):
        request = urllib.request.Request(
            self.url + path, headers={"Host": "testserver"} | {"Authorization": f"Bearer {TOKEN}"}
        )
        with urllib.request.urlopen(request, timeout=10) as response:
            return response.read().decode()

    def status(self, path):
        try:
            self.get(path)
        except urllib.error.HTTPError as error:
            return error.code
        return 200

    def value(self, series):
        found = [line.rpartition(" ") for line in self.get("/metrics").splitlines()]
        return next((float(value) for name, _, value in found if name == series), None)

    def values(self, series):
        """As many scrapes say, answered by one worker or another."""
        return {self.value(series) for _ in range(20)}

    @contextmanager
    def hanging(self, path):
        """A request that is not answered."""
        address = ("127.0.0.1", int(self.url.rpartition(":")[2]))
        with socket.create_connection(address) as connection:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: testserver\r\n\r\n".encode())
            yield

    def comes_to(self, series, value):
        ends = time.monotonic() + 20
        while (found := self.value(series)) != value:
            assert time.monotonic() < ends, f"{series} is {found}, not {value}"
            time.sleep(0.05)


def kill(*pids):
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("debug", "status"), [("true", 200), ("false", 404)])
def test_without_a_token_the_page_is_for_developers(debug, status):
    with Service(DEBUG=debug, METRICS_TOKEN="") as service:
        service.says("Uvicorn running")
        assert service.status("/metrics") == status


CALLS = 'upstream_calls_total{alias="quotes",outcome="ok"}'
IN_USE = 'upstream_connections{alias="quotes",state="in_use"}'


def test_several_workers_show_one_sum_which_outlives_them(loopback, tmp_path):
    loopback.on("/random", http_response({"text": "a", "author": "b"})).on("/export", "hang")
    env = {"QUOTES_URL": loopback.url, "METRICS_TOKEN": TOKEN, "TMPDIR": str(tmp_path)}
    with Service("--workers", "2", **env) as service:
        workers = service.workers(2)
        assert [service.status("/quotes/random") for _ in range(40)] == [200] * 40
        assert service.values(CALLS) == {40}
        with service.hanging("/quotes/export"):
            service.comes_to(IN_USE, 1)
            kill(*workers)
        service.workers(2)
        service.comes_to(IN_USE, 0)  # what the dead held
        assert service.values(CALLS) == {40}  # what they counted
        assert service.status("/quotes/random") == 200
        assert service.values(CALLS) == {41}
    assert list(tmp_path.iterdir()) == []


def test_the_death_of_a_worker_is_logged_with_its_signal_and_another_takes_its_place():
    with Service("--workers", "2", UPSTREAMS_METRICS_TOKEN=TOKEN) as service:
        first, _ = service.workers(2)
        os.kill(first, signal.SIGBUS)
        written = service.says("Application startup complete")
    assert f"worker {first} was killed by SIGBUS: the folder of PROMETHEUS_MULTIPROC_DIR is full" in written


FULL = OSError(errno.ENOSPC, "No space left on device")


@pytest.fixture
def full(monkeypatch):
    """Fill these folders."""
    monkeypatch.delenv(metrics_multiprocess.VARIABLE, raising=False)

    def full(*folders):
        def make(dir):  # noqa: A002 - as the function that it replaces
            if dir in folders:
                raise FULL
            return tempfile.TemporaryFile(dir=dir)

        monkeypatch.setattr(metrics_multiprocess, "TemporaryFile", make)

    return full


def test_uploads_cannot_take_the_space_of_the_metrics(full, caplog):
    with metrics_multiprocess.share_metrics(2):
        assert os.environ[metrics_multiprocess.VARIABLE].startswith("/dev/shm/")
    assert caplog.text == ""


def test_without_shared_memory_they_are_in_the_folder_of_temporary_files(full, monkeypatch, caplog):
    monkeypatch.setattr(metrics_multiprocess, "SHARED_MEMORY", "/missing")
    with metrics_multiprocess.share_metrics(2):
        assert os.environ[metrics_multiprocess.VARIABLE].startswith(tempfile.gettempdir())
    assert caplog.text == ""


def test_with_full_shared_memory_too_and_one_line_says_so(full, caplog):
    full("/dev/shm")
    with metrics_multiprocess.share_metrics(2):
        assert os.environ[metrics_multiprocess.VARIABLE].startswith(tempfile.gettempdir())
    (record,) = caplog.records
    assert "because /dev/shm cannot hold 4 MB: No space left on device" in record.getMessage()


def test_without_any_space_workers_do_not_start(full, caplog):
    full("/dev/shm", tempfile.gettempdir())
    with pytest.raises(SystemExit) as exit_:
        server.run(host="127.0.0.1", port=0, workers=2, certfile=None, keyfile=None)
    assert exit_.value.code == 3
    assert "the metrics of 2 workers have no space: No space left on device" in caplog.text
