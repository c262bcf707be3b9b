"""SIGTERM while something hangs: the process ends within the sum of its timeouts."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from client import raw_request
from commands import SERVERS, TWO_WORKERS
from processes import wait_until
from target import Target

Start = Callable[..., Target]
TIMEOUTS = {
    "STARTUP": 20,
    "REQUEST": 1,
    "SHUTDOWN_DELAY": 0.5,
    "GRACEFUL_SHUTDOWN": 1,
    "CLIENT_DRAIN": 0.5,
    "CLIENT_CLOSE": 0.5,
}
SETTINGS = {"UPSTREAMS_TIMEOUTS": TIMEOUTS}
LADDER = sum(
    TIMEOUTS[name] for name in ("SHUTDOWN_DELAY", "GRACEFUL_SHUTDOWN", "CLIENT_DRAIN", "CLIENT_CLOSE")
)
SLACK = 0.5
GRACE = "passes: its server has a grace period"
KILLED = "passes: its server kills what outlasts its grace period"
NO_GRACE = "fails: its server exceeds its grace period"
IN_TIME = {"uvicorn": GRACE, TWO_WORKERS: GRACE, "granian": KILLED, "gunicorn": KILLED, "hypercorn": NO_GRACE}
UNBOUND = "fails: nothing limits its close"
CLOSES = {
    "uvicorn": UNBOUND,
    TWO_WORKERS: UNBOUND,
    "granian": KILLED,
    "gunicorn": KILLED,
    "hypercorn": UNBOUND,
}
WAITS = "fails: it waits until its start-up ends"
OPENS = {"uvicorn": WAITS, TWO_WORKERS: WAITS, "granian": KILLED, "gunicorn": KILLED, "hypercorn": WAITS}
on_every_server = pytest.mark.parametrize("server", [*SERVERS, TWO_WORKERS])


@contextmanager
def asking(target: Target, path: str) -> Iterator[socket.socket]:
    """A client that has sent a request, and waits."""
    with socket.create_connection(("127.0.0.1", target.port)) as client:
        client.sendall(raw_request("GET", path, {"Host": "target"}))
        yield client


def seconds_to_end(target: Target) -> float:
    """From the first signal on."""
    began = time.monotonic()
    target.shut_down()
    assert target.ends_within(LADDER + 3), target.log()
    return time.monotonic() - began


@pytest.mark.row("F22", "SIGTERM with a streaming client", plain=IN_TIME, ours={"hypercorn": NO_GRACE})
@on_every_server
def test_streaming_client(start: Start, server: str) -> None:
    target = start(server=server, settings=SETTINGS)
    with asking(target, "/stream") as client:
        assert client.recv(65536).startswith(b"HTTP/1.1 200")
        assert seconds_to_end(target) < LADDER + SLACK


@pytest.mark.row("F22", "SIGTERM with a hung view", plain=IN_TIME)
@on_every_server
def test_hung_view(start: Start, server: str) -> None:
    target = start(server=server, settings=SETTINGS)
    with asking(target, "/hang"):
        assert target.responds(200, "/livez")
        assert seconds_to_end(target) < LADDER + SLACK


@pytest.mark.row(
    "F22", "SIGTERM with a view that hangs in a thread", plain="passes: uvicorn ends by the signal"
)
def test_view_that_hangs_in_a_thread(start: Start) -> None:
    target = start(settings=SETTINGS)
    with asking(target, "/hang-in-thread"):
        assert target.responds(200, "/livez")
        assert seconds_to_end(target) < LADDER + SLACK


@pytest.mark.row("F22", "SIGTERM with a hung task", plain="passes: it is cancelled with its loop")
@on_every_server
def test_hung_task(start: Start, server: str) -> None:
    target = start(server=server, settings=SETTINGS)
    assert target.get("/task").status == 200
    assert seconds_to_end(target) < LADDER + SLACK


@pytest.mark.row("F22", "SIGTERM with a hung close", plain=CLOSES)
@on_every_server
def test_hung_close(start: Start, server: str) -> None:
    target = start(server=server, settings=SETTINGS, env={"CLOSING": "hangs"})
    assert seconds_to_end(target) < LADDER + SLACK


@pytest.mark.row("F22", "a second SIGTERM ends the delay", plain="fails: the first one ends the process")
def test_second_sigterm(start: Start) -> None:
    target = start(settings={"UPSTREAMS_TIMEOUTS": TIMEOUTS | {"SHUTDOWN_DELAY": 20}})
    target.running.terminate()
    assert wait_until(lambda: target.responds(503, "/readyz"), 1)
    served = target.get("/sleep?seconds=0.1")
    assert (served.status, served.headers["connection"]) == (200, "close")
    target.running.terminate()
    assert target.ends_within(LADDER - TIMEOUTS["SHUTDOWN_DELAY"] + SLACK)


@pytest.mark.row("F22", "SIGTERM during start-up", plain=OPENS, ours={"hypercorn": WAITS})
@on_every_server
def test_sigterm_during_start_up(start: Start, server: str) -> None:
    environment = {"OPENING": "hangs"}
    target = start(server=server, settings=SETTINGS, env=environment, up=False, STARTUP_TIMEOUT=20)
    workers = 2 if server == TWO_WORKERS else 1
    assert wait_until(lambda: target.log().count("start-up hangs") == workers, 20)
    target.running.terminate()
    assert target.ends_within(LADDER + SLACK)
    assert target.running.process.returncode != 0 or server != "uvicorn"
