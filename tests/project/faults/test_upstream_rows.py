"""An upstream that is dead, slow, lying or hostile. Each row says what becomes of the plain pattern."""

import gzip
import socket
import threading
import time
import zlib
from collections.abc import Callable

import pytest
from client import Watching
from target import Target
from upstreams.testing.loopback import Loopback, Step, http_response
from upstreams.testing.proxy import Proxy, Toxics

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@pytest.mark.row("F01", "dead at boot", plain="passes: its client connects late, too")
def test_dead_at_boot(start: Start, proxy: Proxy, faulty: Loopback) -> None:
    proxy.toxics = Toxics(down=True)
    faulty.on("/x", GOOD)
    target = start(proxy.url)
    dead = target.get()
    proxy.toxics = Toxics()
    assert (dead.status, dead.seconds < 1) == (502, True)
    assert target.get().status == 200


@pytest.mark.row("F02", "dies mid-response", plain="fails: nothing is tried again")
def test_dies_in_the_body(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", HEAD + b"content-length: 99\r\n\r\n{", "close").on("/x", GOOD)
    assert start().get().status == 200


@pytest.mark.row("F03", "slow first byte, once", plain="fails: nothing is tried again")
def test_slow_first_byte_once(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", "hang").on("/x", GOOD)
    got = start(ATTEMPT_TIMEOUT=0.3, TIMEOUT=2).get()
    assert (got.status, got.seconds < 1) == (200, True)


@pytest.mark.row("F03", "slow first byte, always", plain="passes: a read timeout sees it")
def test_slow_first_byte_always(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", "hang")
    got = start(ATTEMPT_TIMEOUT=0.4, TIMEOUT=1).get()
    assert (got.status, got.seconds < 1.25) == (504, True)


DRIPS: dict[str, list[Step]] = {
    "header": [
        b"HTTP/1.1 200 OK\r\n",
        *[step for n in range(40) for step in (f"x-{n}: 1\r\n".encode(), 0.2)],
    ],
    "body": [HEAD + b"content-length: 99\r\n\r\n", *[step for _ in range(40) for step in (b"{", 0.2)]],
    "continue": [step for _ in range(40) for step in (b"HTTP/1.1 100 Continue\r\n\r\n", 0.2)],
}


@pytest.mark.row(
    "F04", "drip of headers, of the body, of 100 Continue", plain="fails: its timeout is per read"
)
@pytest.mark.parametrize("drip", DRIPS)
def test_drip(start: Start, faulty: Loopback, drip: str) -> None:
    faulty.on("/x", *DRIPS[drip])
    got = start(TIMEOUT=1).get()
    assert (got.status, got.seconds < 1.25) == (504, True)


@pytest.mark.row("F05", "half-open pooled connection", plain="fails: nothing is tried again")
def test_half_open(start: Start, proxy: Proxy, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    target = start(proxy.url, ATTEMPT_TIMEOUT=0.3, TIMEOUT=2)
    assert target.get().status == 200
    proxy.freeze_all()
    got = target.get()
    assert (got.status, got.seconds < 1) == (200, True)


@pytest.mark.row("F06", "connect hangs", plain="passes: a connect timeout sees it")
def test_connect_hangs(start: Start) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        got = start(
            f"http://127.0.0.1:{full.getsockname()[1]}", CONNECT_TIMEOUT=0.3, MAX_ATTEMPTS=1, TIMEOUT=5
        ).get()
        for filler in fillers:
            filler.close()
    assert (got.status in (502, 504), got.seconds < 0.8) == (True, True)


RESETS: dict[str, list[Step]] = {
    "on accept": ["reset"],
    "mid-header": [b"HTTP/1.1 200", "reset"],
    "mid-body": [HEAD + b"content-length: 9\r\n\r\n{", "reset"],
}


@pytest.mark.row("F07", "reset on accept, mid-header, mid-body: GET", plain="fails: nothing is tried again")
@pytest.mark.parametrize("reset", RESETS)
def test_reset_of_a_get(start: Start, faulty: Loopback, reset: str) -> None:
    faulty.on("/x", *RESETS[reset]).on("/x", GOOD)
    assert start().get().status == 200


@pytest.mark.row("F07", "reset: POST arrives once", plain="passes: nothing is tried again")
@pytest.mark.parametrize("reset", RESETS)
def test_reset_of_a_post(start: Start, faulty: Loopback, reset: str) -> None:
    faulty.on("/x", *RESETS[reset]).on("/x", GOOD)
    assert start().get("/call/faulty?method=POST").status == 502
    assert len(faulty.requests) == 1


@pytest.mark.row("F07", "reset: keyed POST is retried with its key", plain="fails: nothing is tried again")
def test_reset_of_a_keyed_post(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", "reset").on("/x", GOOD)
    assert start().get("/call/faulty?method=POST", headers={"Idempotency-Key": "k"}).status == 200
    assert [request.headers["idempotency-key"] for request in faulty.requests] == ["k", "k"]


LIES: dict[str, bytes] = {
    "garbage": b"\x00\xff\xfe garbage\r\n\r\n",
    "another protocol": b"220 smtp ready\r\n\r\n",
    "TLS on http": b"\x15\x03\x01\x00\x02\x02\x46",
    "bad chunk": HEAD + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "two Content-Lengths": HEAD + b"content-length: 10\r\ncontent-length: 11\r\n\r\n" + b'{"n": "1"}',
    "200 KB header": HEAD + b"x: " + b"y" * 200_000 + b"\r\n\r\n{}",
    "bad gzip": HEAD + b"content-encoding: gzip\r\ncontent-length: 4\r\n\r\nabcd",
    "bad JSON": http_response(b"{"),
    "empty 200": http_response(b""),
}


@pytest.mark.row("F08", "lies about HTTP", plain="passes: its library raises, and JSON errors are mapped")
@pytest.mark.parametrize("lie", LIES)
def test_lie(start: Start, faulty: Loopback, lie: str) -> None:
    faulty.on("/x", LIES[lie], "close").on("/x", GOOD)
    target = start(MAX_ATTEMPTS=1)
    assert target.get().status == 502
    assert target.get().status == 200
    assert faulty.accepted == 2


@pytest.mark.row("F08", "JSON of another shape", plain="fails: an AttributeError is a 500")
def test_json_of_another_shape(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", http_response(["not", "a", "dict"]))
    assert start().get().status == 502


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


@pytest.mark.row("F11", "an unsolicited answer in the same segment", plain="fails: the next caller gets it")
def test_unsolicited_answer_at_once(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD + FOREIGN).on("/x", GOOD)
    target = start()
    assert [target.get().json()["n"] for _ in range(4)] == ["1"] * 4


@pytest.mark.row("F11", "an unsolicited answer while idle", plain="passes: its pool sees it")
def test_unsolicited_answer_while_idle(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    target = start()
    target.get()
    faulty.push(FOREIGN)
    assert [target.get().json()["n"] for _ in range(4)] == ["1"] * 4


@pytest.mark.row("F12", "429 with a Retry-After that fits", plain="fails: nothing is tried again")
@pytest.mark.parametrize("told", [0, 1])
def test_retry_after_that_fits(start: Start, faulty: Loopback, told: int) -> None:
    faulty.on("/x", http_response({}, 429, {"retry-after": str(told)})).on("/x", GOOD)
    got = start(TIMEOUT=5).get()
    assert (got.status, got.seconds >= told) == (200, True)


@pytest.mark.row("F12", "429 with a Retry-After that does not fit", plain="fails: it is not passed on")
@pytest.mark.parametrize("told", [30, 86400])
def test_retry_after_that_does_not_fit(start: Start, faulty: Loopback, told: int) -> None:
    faulty.on("/x", http_response({}, 429, {"retry-after": str(told)}))
    got = start(TIMEOUT=5).get()
    assert (got.status, got.headers.get("retry-after"), got.seconds < 0.5) == (503, str(told), True)
    assert len(faulty.requests) == 1


@pytest.mark.row("F13", "503 for ten seconds at 100 rps", plain="fails: it has no breaker")
def test_overload(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", http_response({}, 503))
    target = start()
    began = time.monotonic()
    asked = 0
    while time.monotonic() - began < 10:
        target.many(10)
        asked += 10
        time.sleep(max(0, began + asked / 100 - time.monotonic()))
    sent = len(faulty.requests)
    faulty.clear().on("/x", GOOD)
    healed = time.monotonic()
    while target.get().status != 200:
        assert time.monotonic() - healed < 6
    assert sent <= 1.2 * asked
    assert sent < 0.5 * asked  # the breaker kept the rest from it


@pytest.mark.row("F14", "every tenth answer is a 503", plain="fails: nothing is tried again")
def test_every_tenth_fails(start: Start, faulty: Loopback) -> None:
    for script in ([GOOD] * 9 + [http_response({}, 503)]) * 30:
        faulty.on("/x", script)
    target = start(BACKOFF=0.001)
    good = sum(target.get().status == 200 for _ in range(200))
    assert good >= 199
    assert len(faulty.requests) <= 1.15 * 200


@pytest.mark.row("F17", "keep-alive race, 1,000 times", plain="fails: nothing is tried again")
def test_keep_alive_race(start: Start, faulty: Loopback) -> None:
    faulty.dies_on_reuse = True
    faulty.on("/x", GOOD)
    target = start()
    statuses = [target.get().status for _ in range(1000)]
    posts = [target.get("/call/faulty?method=POST").status for _ in range(20)]
    assert statuses == [200] * 1000
    answered = sum(request.method == "POST" for request in faulty.requests)
    assert answered <= len(posts)


@pytest.mark.row("F18", "one upstream hung entirely", plain="fails: its one pool is used up")
def test_one_upstream_hangs(start: Start, faulty: Loopback, other: Loopback) -> None:
    faulty.on("/x", "hang")
    # Room for all: F30 is about those for whom there is none.
    target = start(settings={"UPSTREAMS_LIMITS": {"MAX_REQUESTS": 400}}, TIMEOUT=4)
    baseline = sorted(target.get("/call/other").seconds for _ in range(100))[98]
    flood: list[int] = []
    thread = threading.Thread(target=lambda: flood.extend(a.status for a in target.many(300)))
    thread.start()
    with Watching(target, "/call/other") as others:
        thread.join()
    assert not others.errors
    assert {answer.status for answer in others.answers} == {200}
    assert others.slowest() < max(0.5, 2 * baseline)
    assert set(flood) <= {503, 504}
