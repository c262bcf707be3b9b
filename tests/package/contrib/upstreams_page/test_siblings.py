"""The other workers, on their sockets: what happens if one hangs, has ended, or sends nonsense."""

import asyncio
import os
import socket
import stat
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from upstreams.asgi.metrics_multiprocess import VARIABLE
from upstreams.contrib.upstreams_page import orders, readings, siblings, worker, workers
from upstreams.contrib.upstreams_page.questions import Order
from upstreams.contrib.upstreams_page.workers import Workers

OTHER = 2**22 + 1  # above the largest process id
ORDER = Order("reset", "quotes", "by ada")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    return tmp_path


@pytest.fixture
def sibling(folder):
    """Another worker, that does this with a connection."""

    @asynccontextmanager
    async def sibling(serve):
        path = folder / f"worker-{OTHER}.sock"
        server = await asyncio.start_unix_server(serve, path)
        try:
            yield path
        finally:
            server.close()
            path.unlink(missing_ok=True)

    return sibling


async def condition_of(pid):
    found = Workers()
    await found.refresh()
    return found.by_pid[pid].condition


async def state(reader, writer):
    """Respond as a worker with another id does."""
    await reader.readline()
    found = readings.read()
    found.pid = OTHER
    writer.write(siblings.msgspec.json.encode(found))
    writer.close()


async def test_a_worker_that_responds_is_one_of_two(sibling, lifespan):
    async with sibling(state):
        found = Workers()
        await found.refresh()
    assert {pid: one.condition for pid, one in found.by_pid.items()} == {
        os.getpid(): "responds",
        OTHER: "responds",
    }
    assert found.by_pid[OTHER].state.readings.keys() == {"quotes"}


async def test_a_worker_that_hangs_holds_up_nobody(sibling, monkeypatch):
    monkeypatch.setattr(workers, "RESPONSE_TIMEOUT", 0.01)
    left = asyncio.Event()

    async def hang(reader, writer):
        await left.wait()
        writer.close()

    async with sibling(hang):
        assert await condition_of(OTHER) == "hangs"
        left.set()


@pytest.mark.parametrize("nonsense", [b"", b"{", b"[]", b'{"pid": "a"}', b"\xff"])
async def test_nonsense_is_no_response(sibling, nonsense):
    async def respond(reader, writer):
        await reader.readline()
        writer.write(nonsense)
        writer.close()

    async with sibling(respond):
        assert await condition_of(OTHER) == "hangs"
        assert (await orders.give(ORDER))[OTHER].problem == "it does not respond"


async def test_a_worker_that_was_killed_is_shown_for_a_minute_and_its_socket_goes(folder, monkeypatch):
    path = folder / f"worker-{OTHER}.sock"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))  # and nobody listens
    assert list(await orders.give(ORDER)) == [os.getpid()]
    found = Workers()
    await found.refresh()
    assert found.by_pid[OTHER].condition == "ended"
    assert not path.exists()
    monkeypatch.setattr(workers, "SHOWN_AFTER_END", -1.0)
    await found.refresh()
    assert OTHER not in found.by_pid


async def test_a_worker_that_went_is_shown_as_ended(sibling):
    found = Workers()
    async with sibling(state):
        await found.refresh()
    await found.refresh()
    assert found.by_pid[OTHER].condition == "ended"


async def test_a_worker_listens_for_its_user_alone(lifespan, folder):
    async with worker.run(bool):
        (path,) = folder.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert siblings.paths() == {os.getpid(): path}
        found = await siblings.ask(path, {"type": "look", "since": 0}, readings.WorkerState, 5)
        assert found.readings.keys() == {"quotes"}
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "question", ["nonsense", {"type": "order", "command": "exit", "alias": "a", "why": ""}]
)
async def test_a_question_that_makes_no_sense_gets_no_response(folder, question):
    async with worker.run(bool):
        (path,) = folder.iterdir()
        with pytest.raises(ValueError, match="truncated"):
            await siblings.ask(path, question, dict, 5)
        assert await siblings.ask(path, {"type": "look", "since": 0}, dict, 5)


async def test_the_second_event_loop_of_a_process_leaves_the_socket_to_the_first(folder):
    async with worker.run(bool):
        async with worker.run(bool):
            pass
        assert len(list(folder.iterdir())) == 1


async def test_a_folder_without_room_for_a_socket_stops_no_start(monkeypatch, tmp_path, caplog):
    monkeypatch.setenv(VARIABLE, str(tmp_path / ("long" * 30)))
    async with worker.run(bool):
        assert "cannot show this one" in caplog.text


async def test_without_a_folder_there_is_one_worker(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    async with worker.run(bool):
        found = Workers()
        await found.refresh()
    assert list(found.by_pid) == [os.getpid()]
    assert not list(Path.cwd().glob("worker-*"))


async def test_an_order_of_another_worker_is_carried_out(folder, lifespan):
    async with worker.run(bool):
        (path,) = folder.iterdir()
        assert await siblings.ask(path, ORDER, dict, 5) == {"problem": ""}
        unknown = Order("reset", "others", "by ada")
        assert "no open client" in (await siblings.ask(path, unknown, dict, 5))["problem"]
