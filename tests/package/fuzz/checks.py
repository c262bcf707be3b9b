"""What is a failure, of one mutation and of many."""

import random

from fuzz import oracle
from fuzz.bases import BASES
from fuzz.differences import EXPLAINED, oddities
from fuzz.mutations import mutated, split
from fuzz.player import HANGS, Table, own_body
from fuzz.reading import Read, by_h11, by_ours, difference

MOST = 5
"""Failures that are printed."""


def parse(method, pieces):
    """The failures of our parser with one response."""
    data = b"".join(pieces)
    read = by_ours(method, pieces)
    yield from _unlike(method, data, "h11", read, by_h11(method, pieces))
    yield from _unframed(method, data, read)
    if read != (whole := by_ours(method, [data])):
        yield f"{read} in pieces, {whole} at once"


async def exchange(table, method, pieces, number):
    """The failures of our transport with one response, and whether its connection was kept: another call follows."""
    read, play = await table.play(method, pieces, table.ours)
    await play.is_sent.wait()
    following = await table.following(number)
    theirs, _ = await table.play(method, pieces, table.aiohttp)
    data = b"".join(pieces)
    failures = [*_unlike(method, data, "aiohttp", read, theirs), *_unframed(method, data, read)]
    if read is HANGS:
        failures.append("the call does not end with its connection")
    if following != Read(200, own_body(number)):
        failures.append(f"the next call got {following}")
    return failures, play.is_followed


def _unframed(method, data, read):
    if read.status and read != (truth := oracle.read(method, data)):
        yield f"{read} is not {truth}, which it is by its framing"


def _unlike(method, data, client, ours, theirs):
    """A difference that nothing odd about the response explains."""
    kind = difference(ours, theirs)
    if kind is not None and not (found := oddities(method, data)) & EXPLAINED[client, kind]:
        yield f"{kind}: {ours}, {client} {theirs}; odd: {sorted(found)}"


def parse_many(seed, number):
    """Our parser with so many mutations: the first failures, and how many responses were accepted."""
    failures, accepted = [], 0
    for method, pieces in _mutations(seed, number):
        accepted += by_ours(method, pieces).status > 0
        failures += [_report(failure, method, pieces) for failure in parse(method, pieces)]
        if len(failures) >= MOST:
            break
    return failures, accepted


async def exchange_many(seed, number):
    """Our transport with so many mutations: the first failures, and how many connections were kept."""
    failures, kept = [], 0
    async with Table() as table:
        for turn, (method, pieces) in enumerate(_mutations(seed, number)):
            found, is_kept = await exchange(table, method, pieces, turn)
            kept += is_kept
            failures += [_report(failure, method, pieces) for failure in found]
            if len(failures) >= MOST:
                break
    return failures, kept


def _mutations(seed, number):
    draw = random.Random(seed)
    for _ in range(number):
        method, data = mutated(draw, BASES)
        yield method, split(draw, data)


def _report(failure, method, pieces):
    return f"{failure}\nFUZZ_CASE={(method, pieces)!r}"
