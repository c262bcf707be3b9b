"""Instances restart while clients send requests, behind a balancer that notices late."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from balancer import LAG, Balancer
from client import Client, Response
from commands import SERVERS, TWO_WORKERS
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})
# Readiness is polled five times a second: the delay is what the balancer needs, and a little more.
SETTINGS = {
    "UPSTREAMS_TIMEOUTS": {
        "SHUTDOWN_DELAY": LAG + 0.5,
        "REQUEST": 3,
        "GRACEFUL_SHUTDOWN": 3,
        "CLIENT_DRAIN": 1,
        "CLIENT_CLOSE": 1,
    }
}
INTERVAL = 0.04
TOO_LATE = "fails: the balancer notices it too late"


class Load:
    """Starts a request every 40 ms, whether or not the one before has its response; each waits for an upstream."""

    def __init__(self, port: int) -> None:
        self.responses: list[Response] = []
        self.errors: list[BaseException] = []
        self._client = Client(port)
        self._stop = threading.Event()
        self._asking: list[threading.Thread] = []

    def _ask(self) -> None:
        try:
            self.responses.append(self._client.get())
        except Exception as error:  # noqa: BLE001 - a test looks at them
            self.errors.append(error)

    def _run(self) -> None:
        while not self._stop.wait(INTERVAL):
            self._asking = [thread for thread in self._asking if thread.is_alive()]
            self._asking.append(threading.Thread(target=self._ask))
            self._asking[-1].start()

    @contextmanager
    def going_on(self) -> Iterator[None]:
        thread = threading.Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stop.set()
            thread.join()
            for asking in self._asking:
                asking.join()


@pytest.mark.row("F21", "rolling restarts of two instances under load", plain=TOO_LATE)
@pytest.mark.parametrize("server", [*SERVERS, TWO_WORKERS])
def test_rolling_restarts(start: Start, faulty: Loopback, server: str, pytestconfig: pytest.Config) -> None:
    faulty.on("/x", 0.2, GOOD)
    restarts = pytestconfig.option.restarts // (1 if server == "uvicorn" else 5)
    targets = [start(server=server, settings=SETTINGS) for _ in range(2)]
    with Balancer(*(target.port for target in targets)) as balancer:
        assert all(balancer.notices(target.port, ready=True) for target in targets)
        load = Load(balancer.port)
        with load.going_on():
            for target in itertools.islice(itertools.cycle(targets), restarts):
                target.shut_down()
                assert target.ends_within(10)
                assert balancer.notices(target.port, ready=False)
                start(again=target, server=server, settings=SETTINGS)
                assert balancer.notices(target.port, ready=True)
                assert not balancer.failed  # what is broken need not go on
    assert (balancer.failed, load.errors) == ([], [])
    assert {response.status for response in load.responses} == {200}
    assert len(load.responses) > 20 * restarts


@pytest.mark.row("F21", "the order of the shutdown, in the log", plain="fails: it has no order of its own")
@pytest.mark.parametrize("server", [*SERVERS, TWO_WORKERS])
def test_order_of_the_shutdown(start: Start, server: str) -> None:
    target = start(server=server, settings=SETTINGS)
    target.shut_down()
    assert target.ends_within(10)
    assert in_order(target.log()), target.log()


def in_order(log: str) -> bool:
    found = [log.find(words) for words in ("shutdown: draining", "shutdown: closing", "closed the client")]
    return -1 < found[0] < found[1] < found[2]
