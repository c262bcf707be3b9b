"""An upstream whose responses are too large, or belong to nobody."""

import gzip
import zlib
from collections.abc import Callable

import pytest
from client import Watching
from target import Target
from upstreams.testing.loopback import Loopback, Step, http_response

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
MIB = b"x" * 2**20
FLOODS: dict[str, list[Step]] = {
    "300 MB": [HEAD + b"content-length: 314572800\r\n\r\n", *[MIB] * 300],
    "endless chunks": [HEAD + b"transfer-encoding: chunked\r\n\r\n", *[b"100000\r\n" + MIB + b"\r\n"] * 300],
}


@pytest.mark.row("F09", "a body without end", plain="fails: it is read whole")
@pytest.mark.parametrize("flood", FLOODS)
def test_flood(start: Start, faulty: Loopback, flood: str) -> None:
    faulty.on("/x", GOOD).on("/x", *FLOODS[flood])
    target = start(TIMEOUT=20, ATTEMPT_TIMEOUT=20)
    target.get()
    before = target.megabytes()
    assert target.get().status == 502
    assert target.megabytes() - before <= 2 * 10 + 16


PLAIN_BOMB = b"0" * (200 * 2**20)
BOMBS = {
    "gzip": gzip.compress(PLAIN_BOMB),
    "deflate": zlib.compress(PLAIN_BOMB),
    "gzip, gzip": gzip.compress(gzip.compress(PLAIN_BOMB)),
}


@pytest.mark.row("F10", "decompression bombs", plain="fails: it is decompressed whole")
@pytest.mark.parametrize("bomb", BOMBS)
def test_bomb(start: Start, faulty: Loopback, bomb: str) -> None:
    faulty.on("/x", GOOD).on("/x", http_response(BOMBS[bomb], headers={"content-encoding": bomb}))
    target = start(TIMEOUT=20, ATTEMPT_TIMEOUT=20)
    target.get()
    before = target.megabytes()
    with Watching(target, "/livez") as live:
        assert target.get().status == 502
    assert target.megabytes() - before <= 2 * 10 + 16
    assert not live.errors


FOREIGN = http_response({"n": "of another caller"})


@pytest.mark.row("F11", "an unsolicited response in the same segment", plain="fails: the next caller gets it")
def test_unsolicited_response_at_once(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD + FOREIGN).on("/x", GOOD)
    target = start()
    assert [target.get().json()["n"] for _ in range(4)] == ["1"] * 4


@pytest.mark.row("F11", "an unsolicited response while idle", plain="passes: its pool notices")
def test_unsolicited_response_while_idle(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    target = start()
    target.get()
    faulty.push(FOREIGN)
    assert [target.get().json()["n"] for _ in range(4)] == ["1"] * 4
