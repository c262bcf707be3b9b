"""An upstream that is away for a moment, while clients go on asking fifty times a second."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager

import pytest
from client import Response
from target import Target
from upstreams.testing.loopback import Loopback, http_response
from upstreams.testing.proxy import Proxy, Toxics
from upstreams.testing.server import reset_when_closed

Start = Callable[..., Target]
Gap = Callable[[], AbstractContextManager[object]]
GOOD = http_response({"n": "1"})
RATE = 50
LEAD = 0.5
SILENT = {"ATTEMPT_TIMEOUT": 1, "TIMEOUT": 4}
"""A call that a silent upstream has swallowed belongs to the gap until it times out."""
FEW = 5
"""Errors beyond those that are counted: calls that were under way at either end, and clocks of a busy machine."""
COSTS_NO_MORE = "passes: it has no breaker, and loses what falls into the gap"


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


class Instance:
    """An upstream that stops, and starts again at the same address."""

    def __init__(self) -> None:
        self._server = Loopback().on("/x", GOOD)
        self._running = ExitStack()
        self._running.enter_context(self._server)
        self.url = self._server.url

    @contextmanager
    def stopped(self) -> Iterator[None]:
        self._running.close()
        yield
        self._running.enter_context(Loopback(port=port_of(self.url)).on("/x", GOOD))

    def stop(self) -> None:
        self._running.close()


class Instances(Proxy):
    """Takes turns between instances, as a service of a cluster does that has not noticed who is away."""

    def __init__(self, *instances: Instance) -> None:
        super().__init__("127.0.0.1", 0)
        self._ports = itertools.cycle(port_of(instance.url) for instance in instances)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._port = next(self._ports)
        try:
            await super()._connection(reader, writer)
        except OSError:
            reset_when_closed(writer)
            writer.transport.abort()


@pytest.fixture
def instances() -> Iterator[list[Instance]]:
    instances = [Instance(), Instance()]
    yield instances
    for instance in instances:
        instance.stop()


def errors_of(target: Target, gap: Gap, seconds: float) -> tuple[int, float]:
    """The calls that failed, and the seconds that the gap lasted; the last call must succeed."""
    lasted = 0.0

    def play() -> None:
        nonlocal lasted
        time.sleep(LEAD)
        began = time.monotonic()
        with gap():
            time.sleep(seconds)
        lasted = time.monotonic() - began
        time.sleep(0.6 * lasted + 2 * LEAD)

    async def ask_meanwhile() -> list[int]:
        playing = asyncio.create_task(asyncio.to_thread(play))
        asking: list[asyncio.Task[Response]] = []
        began = time.monotonic()
        while not playing.done():
            asking.append(asyncio.create_task(target.ask("/call/faulty")))
            await asyncio.sleep(began + len(asking) / RATE - time.monotonic())
        await playing
        return [response.status for response in await asyncio.gather(*asking)]

    statuses = asyncio.run(ask_meanwhile())
    assert statuses[-1] == 200, target.log()
    return sum(status != 200 for status in statuses), lasted


@pytest.mark.row("F53", "connections refused for 0.1, 0.3, 1 and 3 s", plain=COSTS_NO_MORE)
def test_refused(start: Start, instances: list[Instance]) -> None:
    target = start(instances[0].url)
    for seconds in (0.1, 0.3, 1, 3):
        errors, lasted = errors_of(target, instances[0].stopped, seconds)
        assert errors <= 1.5 * lasted * RATE + FEW, (seconds, errors)


@pytest.mark.row("F53", "one instance of two restarts, then the other", plain=COSTS_NO_MORE)
def test_rolling_restart(start: Start, instances: list[Instance]) -> None:
    with Instances(*instances) as cluster:
        target = start(cluster.url)
        for instance in instances:
            errors, lasted = errors_of(target, instance.stopped, 1)
            assert errors <= 1.5 * lasted * RATE + FEW


TOXICS = {"reset": Toxics(reset_peer=True), "silent": Toxics(timeout=True), "overloaded": Toxics()}


@pytest.mark.row("F53", "resets, silence or 503 for a second", plain=COSTS_NO_MORE)
@pytest.mark.parametrize(("how", "keys"), [("reset", {}), ("silent", SILENT), ("overloaded", {})])
def test_away(start: Start, proxy: Proxy, faulty: Loopback, how: str, keys: Mapping[str, float]) -> None:
    faulty.on("/x", GOOD)

    @contextmanager
    def gap() -> Iterator[None]:
        proxy.toxics = TOXICS[how]
        faulty.clear().on("/x", http_response({}, 503) if how == "overloaded" else GOOD)
        yield
        proxy.toxics = Toxics()
        faulty.clear().on("/x", GOOD)

    errors, lasted = errors_of(start(proxy.url, **keys), gap, 1)
    assert errors <= 1.5 * (lasted + keys.get("ATTEMPT_TIMEOUT", 0)) * RATE + FEW
