"""Rounds of load: a server that fails is named, with its log, and does not cost the others their figures."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock, MagicMock

import load
import playing
import pytest
from catalogue import OURS
from load import Answer
from playing import PeerFailed, Played, is_answered
from scenarios import Scenario, asked
from servers import running

SILENT = """
import signal, socket
listener = socket.create_server(("127.0.0.1", {port}))
print("I say nothing", flush=True)
signal.pause()
"""


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the servers that fail."""
    names: list[str] = []

    async def turn(what: str, *_: object) -> dict[str, float]:
        if what.removeprefix("one call, ") in names:
            raise PeerFailed(what, "it closed a connection", "its log")
        return {"cpu_ms": 1}

    monkeypatch.setattr(playing, "turn", turn)
    monkeypatch.setattr(playing, "warm_up", AsyncMock())
    return names


def play(*peers: str) -> Played:
    servers: dict[str, Any] = dict.fromkeys(peers)
    return asyncio.run(playing.play("one call", Scenario((), peers), servers, rounds=2))


def test_a_server_that_does_not_answer_ends_the_benchmark_with_its_name_and_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> None:
        with running([sys.executable, "-c", SILENT], tmp_path, {}, tmp_path / "log") as server:
            await server.answers()
            await is_answered("one call, the silent one", server, asked("/", ()))

    monkeypatch.setattr(load, "TIMEOUT", 0.2)
    with pytest.raises(PeerFailed) as failed:
        asyncio.run(ask())
    assert str(failed.value) == (
        "one call, the silent one: it does not answer within 0.2 s\nThe end of its log:\nI say nothing\n"
    )


@pytest.mark.parametrize("refusals", [1, 2])
def test_a_server_is_asked_again_before_it_counts_as_broken(
    refusals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses = [503] * refusals + [200]

    @asynccontextmanager
    async def load(*_: object) -> AsyncIterator[list[Answer]]:
        yield [Answer(statuses.pop(0), 0.01)]

    monkeypatch.setattr(playing, "load", load)
    monkeypatch.setattr(playing, "PAUSES", (0, 0))
    asyncio.run(is_answered("one call, Django", MagicMock(), asked("/", ())))
    assert statuses == []


def test_a_peer_that_fails_is_left_out_and_named(
    broken: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    broken.append("Django")
    assert play(OURS, "Django") == {OURS: [{"cpu_ms": 1}, {"cpu_ms": 1}]}
    said = "one call, Django: it closed a connection\nThe end of its log:\nits log\nDjango is left out\n"
    assert said in capsys.readouterr().err


def test_a_failure_of_this_template_ends_the_benchmark(broken: list[str]) -> None:
    broken.append(OURS)
    with pytest.raises(PeerFailed, match="it closed a connection"):
        play(OURS, "Django")
