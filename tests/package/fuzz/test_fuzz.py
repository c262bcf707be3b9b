"""Mutated responses: each is read as its own framing has it, as other clients read it, and nothing of it reaches the next call.

`FUZZ_SEED=2` plays other mutations; `FUZZ_CASE="('GET', [b'…'])"`, as a failure prints it, plays one again.
"""

import ast
import os

import pytest

pytest.importorskip("aiohttp", reason="aiohttp is not installed here")
pytest.importorskip("h11", reason="h11 is not installed here")

from fuzz import checks
from fuzz.player import Table

SEED = os.environ.get("FUZZ_SEED", "1")
PARTS = [f"{SEED}, part {number}" for number in range(4)]
PARSED, EXCHANGED = 20_000, 1_200
"""Mutations of each part."""
OK = b"HTTP/1.1 200 OK\r\n"
ONE = b"content-length: 1\r\n\r\na"
FOUND = {
    "another protocol after an interim response": (
        "GET",
        [b"HTTP/1.1 103 E\r\n\r\nRTSP/1.1 200 OK\r\n" + ONE],
    ),
    "an interim response of another version": ("GET", [b"HTTP/2.0 102 P\r\n\r\n" + OK + ONE]),
    "a length of a bare LF in a chunk's line": (
        "GET",
        [OK + b"transfer-encoding: chunked\r\n\r\n3\n\nab\r\n0\r\n\r\n"],
    ),
    "a body that the connection cuts": ("GET", [OK + b"content-length: 5\r\n\r\n", b"abc"]),
    "another response after it": ("GET", [OK + ONE, OK + ONE]),
}
"""What the fuzz has found, or should find."""
if case := os.environ.get("FUZZ_CASE"):
    FOUND["FUZZ_CASE"] = ast.literal_eval(case)


@pytest.mark.parametrize(("method", "pieces"), FOUND.values(), ids=FOUND)
async def test_what_was_found_is_right(method, pieces):
    assert list(checks.parse(method, pieces)) == []
    async with Table() as table:
        failures, _ = await checks.exchange(table, method, pieces, 1)
    assert failures == []


@pytest.mark.long
@pytest.mark.parametrize("seed", PARTS)
def test_a_response_is_read_as_it_is_framed(seed):
    print("FUZZ_SEED:", seed)
    failures, accepted = checks.parse_many(seed, PARSED)
    assert not failures, "\n".join(failures)
    assert accepted > PARSED / 10


@pytest.mark.long
@pytest.mark.parametrize("seed", PARTS)
async def test_nothing_of_a_response_reaches_the_next_call(seed):
    print("FUZZ_SEED:", seed)
    failures, kept = await checks.exchange_many(seed, EXCHANGED)
    assert not failures, "\n".join(failures)
    assert kept > EXCHANGED / 100
