"""The instruments of `make bench`: what they count is what happened. How fast anything is, is no test's business."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import psutil
import pytest
from figures import of_round, ratio, typical
from load import Answer, load
from plots import Row, bars, spans
from processes import wait_until
from report import one_call
from scenarios import HTTPX2, OURS
from servers import running
from stub import DELAYS, SIZES, answer, started

HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"
WORKERS = """
import os, signal, socket, time
listener = socket.create_server(("127.0.0.1", {port}))
if os.fork() == 0:
    while time.process_time() < 0.3:
        pass
signal.pause()
"""


class Upstream:
    """Sends these pieces for each request, until so many have come; the answers are those that a load has seen."""

    def __init__(self, *pieces: bytes, connections: int = 1, until: int = 20) -> None:
        self.requests: list[bytes] = []
        self._pieces = pieces
        self._until = until
        self.answers = asyncio.run(self._play(connections))

    async def _play(self, connections: int) -> list[Answer]:
        self._enough = asyncio.Event()
        async with await asyncio.start_server(self._serve, "127.0.0.1") as server:
            async with load(server.sockets[0].getsockname()[1], "/path", connections) as answers:
                await asyncio.wait_for(self._enough.wait(), 10)
            return answers

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while request := await reader.read(4096):
            self.requests.append(request)
            if len(self.requests) == self._until:
                self._enough.set()
            for piece in self._pieces:
                writer.write(piece)
                await asyncio.sleep(0)  # so that they arrive one by one
            if not self._pieces:
                break
        writer.close()


def test_the_load_asks_again_and_again_until_it_is_told_to_stop() -> None:
    upstream = Upstream(HEAD + b"ok", connections=4)
    assert len(upstream.answers) == len(upstream.requests) >= 20
    assert set(upstream.requests) == {
        b"GET /path HTTP/1.1\r\nhost: 127.0.0.1\r\nx-forwarded-proto: https\r\n\r\n"
    }


def test_an_answer_in_pieces_is_one_answer() -> None:
    upstream = Upstream(HEAD[:30], HEAD[30:], b"o", b"k")
    assert len(upstream.answers) == len(upstream.requests)


def test_the_load_keeps_the_status_of_each_answer() -> None:
    upstream = Upstream(HEAD.replace(b"200 OK", b"503 Busy") + b"no")
    assert {answer.status for answer in upstream.answers} == {503}


@pytest.mark.parametrize(
    ("pieces", "why"),
    [((), "the server closed a connection"), ((b"HTTP/1.1 200 OK\r\n\r\n",), "without a content-length")],
    ids=["none", "of unknown length"],
)
def test_an_answer_that_cannot_be_counted_ends_the_benchmark(pieces: tuple[bytes, ...], why: str) -> None:
    with pytest.raises(ConnectionError, match=why):
        Upstream(*pieces, until=1)


@pytest.mark.parametrize("which", ["any", *DELAYS, *SIZES])
def test_the_stub_answers_each_path_with_its_delay_and_its_size(which: str) -> None:
    async def first() -> Answer:
        server, url = await started()
        async with server, load(int(url.rpartition(":")[2]), f"/{which}", 1) as answers:
            assert await asyncio.to_thread(wait_until, lambda: len(answers) > 0, 10)
        return answers[0]

    seen = asyncio.run(first())
    assert seen.status == 200
    assert seen.seconds >= DELAYS.get(which, 0)
    assert len(answer(which)) > SIZES.get(which, 0)


def test_the_figures_of_a_round_are_those_of_its_answers() -> None:
    answers = [Answer(200, number / 1000) for number in range(100)]
    answers.append(Answer(503, 0.1))
    assert of_round(answers, seconds=2, cpu_seconds=0.202) == pytest.approx(
        {
            "cpu_ms": 2,
            "per_second": 50.5,
            "p50_ms": 50,
            "p95_ms": 95,
            "p99_ms": 99,
            "refused": 1 / 101,
        }
    )


def test_peers_are_compared_round_by_round() -> None:
    # The machine was ten times slower in the second round: the medians alone would say 10.
    these, those = [figures(2), figures(20), figures(4)], [figures(1), figures(10), figures(0.4)]
    assert ratio("cpu_ms", these, those) == 2
    assert typical(these, "cpu_ms") == 4


def test_the_cpu_time_of_a_server_is_that_of_its_workers_too_and_they_end_with_it(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WORKERS]
    with running(command, tmp_path, {}, tmp_path / "log") as server:
        asyncio.run(server.answers())
        assert wait_until(lambda: server.cpu_seconds() >= 0.3, 10)
        started_here = psutil.Process().children(recursive=True)
    assert len(started_here) == 2
    assert wait_until(lambda: not any(map(is_alive, started_here)), 10)


def test_a_server_that_ends_instead_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "raise SystemExit('no such module')"]
    with (
        running(command, tmp_path, {}, tmp_path / "log") as server,
        pytest.raises(RuntimeError, match="no such module"),
    ):
        asyncio.run(server.answers())


def test_the_table_says_what_was_refused() -> None:
    played = {OURS: [figures(2)], HTTPX2: [figures(4, refused=0.25)]}
    rows = one_call(played, {OURS: 60, HTTPX2: 50}).splitlines()[2:]
    assert rows == [
        f"| **{OURS}** | 2.00 | 1.00 | 1,000 | 1.0 | 1.0 | 1.0 | 60 |",
        f"| {HTTPX2} | 4.00, 25% refused | 2.00 | 1,000 | 1.0 | 1.0 | 1.0 | 50 |",
    ]


@pytest.mark.parametrize("draw", [bars, spans])
def test_a_picture_is_well_formed_and_names_every_row(draw: Callable[[str, str, list[Row]], str]) -> None:
    image = ElementTree.fromstring(draw("CPU", "<less> is better", [Row("a & b", (1,)), Row(OURS, (2,))]))
    texts = [element.text for element in image.iter() if element.text]
    assert {"CPU", "<less> is better", "a & b", OURS, "1", "2"} <= set(texts)


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def figures(cpu_ms: float, refused: float = 0) -> dict[str, float]:
    latencies = {"p50_ms": 1.0, "p95_ms": 1.0, "p99_ms": 1.0}
    return {"cpu_ms": cpu_ms, "per_second": 1000, "refused": refused, **latencies}
