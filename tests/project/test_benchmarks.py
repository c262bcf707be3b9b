"""The instruments of `make bench`: what they count is what happened. How fast anything is, is no test's business."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest
import targets
from figures import of_round, ratio, typical
from load import Answer, get, load, post
from processes import wait_until
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

    def __init__(
        self,
        *pieces: bytes,
        sends: tuple[bytes, ...] = (get("/path"),),
        connections: int = 1,
        until: int = 20,
    ) -> None:
        self.requests: list[bytes] = []
        self._sends = sends
        self._pieces = pieces
        self._until = until
        self.answers = asyncio.run(self._play(connections))

    async def _play(self, connections: int) -> list[Answer]:
        self._enough = asyncio.Event()
        async with await asyncio.start_server(self._serve, "127.0.0.1") as server:
            async with load(server.sockets[0].getsockname()[1], self._sends, connections) as answers:
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


def test_the_load_sends_its_requests_in_turn() -> None:
    sends = get("/one"), post("/two", b"body"), get("/three")
    assert Upstream(HEAD + b"ok", sends=sends, until=6).requests[:6] == [*sends, *sends]
    assert sends[1].endswith(b"content-length: 4\r\n\r\nbody")


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


async def answers_of_stub(*requests: bytes) -> list[Answer]:
    """One for each request."""
    server, url = await started()
    async with server, load(int(url.rpartition(":")[2]), requests, 1) as answers:
        assert await asyncio.to_thread(wait_until, lambda: len(answers) >= len(requests), 10)
    return answers[: len(requests)]


def test_the_stub_reads_uploads_and_fails_where_it_is_asked_to() -> None:
    requests = post("/upload", b"\r\n\r\n" + b"." * 1_000_000), get("/error"), post("/any", b"")
    answers = asyncio.run(answers_of_stub(*requests))
    assert [answer.status for answer in answers] == [200, 500, 200]


@pytest.mark.parametrize("which", ["any", *DELAYS, *SIZES])
def test_the_stub_answers_each_path_with_its_delay_and_its_size(which: str) -> None:
    (seen,) = asyncio.run(answers_of_stub(get(f"/{which}")))
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


def test_a_round_without_answers_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"there were 0 answers in 2\.0 s"):
        of_round([], seconds=2, cpu_seconds=1)


def test_peers_are_compared_round_by_round() -> None:
    # The machine was ten times slower in the second round: the medians alone would say 10.
    these, those = ([{"cpu_ms": figure} for figure in cpu] for cpu in ((2, 20, 4), (1, 10, 0.4)))
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


def test_a_machine_without_go_is_measured_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert targets.built_go(tmp_path) == "this machine has no Go (Debian's package is golang-go)"


def is_alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
