"""Rounds of load on servers that all run at once."""

import asyncio
import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import figures
import psutil
from catalogue import OURS
from load import load
from scenarios import Scenario
from servers import Server
from targets import say

SECONDS, RAMP, WARM_UP = 2.0, 0.3, 0.5
PAUSES = (2.0, 5.0)
LONGEST = 20.0  # seconds for as many answers as there are connections
Played = dict[str, list[dict[str, float]]]
"""Peer -> the figures of its rounds."""


class PeerFailed(Exception):
    """A server did not do what it was asked to.

    Args:
        what: the server, and what it was asked.
        why: one line.
        log: the end of it.
    """

    def __init__(self, what: str, why: str, log: str) -> None:
        super().__init__(f"{what}: {why}\nThe end of its log:\n{log}")
        self.why = why


@contextmanager
def blamed(what: str, server: Server) -> Iterator[None]:
    """Raise PeerFailed, with the server's name and log, if the block fails."""
    try:
        yield
    except (OSError, RuntimeError, ValueError, psutil.Error) as error:  # OSError: timeouts, too
        why = (str(error) or type(error).__name__).splitlines()[0].rstrip(":")
        raise PeerFailed(what, why, server.said()) from error


async def is_answered(what: str, server: Server, scenario: Scenario) -> None:
    """Check that a server responds with 200; a database may need a moment."""
    with blamed(what, server):
        for pause in (*PAUSES, None):
            async with load(server.port, scenario.requests, 1) as answers:
                await asyncio.sleep(0.1)
            if {answer.status for answer in answers} == {200}:
                return
            if pause is not None:
                await asyncio.sleep(pause)
        raise RuntimeError(f"the status is {answers[-1].status} instead of 200")


async def play(
    name: str, scenario: Scenario, servers: Mapping[str, Server], rounds: int, seconds: float = SECONDS
) -> Played:
    """In each round, all peers of a scenario have their turn, in another order; a peer that fails is left out.

    Raises:
        PeerFailed: it is ours.
    """
    say(f"{name}: {rounds} rounds of {len(scenario.peers)}")
    for peer in scenario.peers:
        await warm_up(f"{name}, {peer}", servers[peer], scenario, seconds)
    played: Played = {peer: [] for peer in scenario.peers}
    for _ in range(rounds):
        for peer in random.sample(tuple(played), len(played)):
            try:
                played[peer].append(await turn(f"{name}, {peer}", servers[peer], scenario, seconds))
            except PeerFailed as failed:
                if peer == OURS:
                    raise
                say(f"{failed}\n{peer} is left out")
                del played[peer]
    return played


async def warm_up(what: str, server: Server, scenario: Scenario, seconds: float) -> None:
    with blamed(what, server):
        async with load(server.port, scenario.requests, scenario.connections):
            await asyncio.sleep(min(WARM_UP, seconds))


async def turn(what: str, server: Server, scenario: Scenario, seconds: float) -> dict[str, float]:
    with blamed(what, server):
        async with load(server.port, scenario.requests, scenario.connections) as answers:
            await asyncio.sleep(RAMP)  # connections, the server's own ones included, open meanwhile
            already, cpu, since = len(answers), server.cpu_seconds(), time.perf_counter()
            await asyncio.sleep(seconds)
            # A server that opens a client for each request may need longer for the first answers.
            while len(answers) - already < scenario.connections and time.perf_counter() - since < LONGEST:
                await asyncio.sleep(0.1)
            spent, took = server.cpu_seconds() - cpu, time.perf_counter() - since
            counted = answers[already:]
        found = figures.of_round(counted, took, spent) | {"megabytes": server.megabytes()}
    return {name: round(figure, 4) for name, figure in found.items()}
