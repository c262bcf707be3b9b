"""An upstream that is dead, slow or lying."""

import socket
from collections.abc import Callable

import pytest
from target import Target
from upstreams.testing.loopback import Loopback, Step, http_response
from upstreams.testing.proxy import Proxy, Toxics

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@pytest.mark.row("F01", "dead at boot", plain="passes: its client connects at the first call, too")
def test_dead_at_boot(start: Start, proxy: Proxy, faulty: Loopback) -> None:
    proxy.toxics = Toxics(down=True)
    faulty.on("/x", GOOD)
    target = start(proxy.url)
    dead = target.get()
    proxy.toxics = Toxics()
    assert (dead.status, dead.seconds < 1) == (502, True)
    assert target.get().status == 200


@pytest.mark.row("F02", "dies mid-response", plain="fails: it does not retry")
def test_dies_in_the_body(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", HEAD + b"content-length: 99\r\n\r\n{", "close").on("/x", GOOD)
    assert start().get().status == 200


@pytest.mark.row("F03", "slow first byte, once", plain="fails: it does not retry")
def test_slow_first_byte_once(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", "hang").on("/x", GOOD)
    got = start(ATTEMPT_TIMEOUT=0.3, TIMEOUT=2).get()
    assert (got.status, got.seconds < 1) == (200, True)


@pytest.mark.row("F03", "slow first byte, always", plain="passes: its read timeout ends it")
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


@pytest.mark.row("F05", "half-open pooled connection", plain="fails: it does not retry")
def test_half_open(start: Start, proxy: Proxy, faulty: Loopback) -> None:
    faulty.on("/x", GOOD)
    target = start(proxy.url, ATTEMPT_TIMEOUT=0.3, TIMEOUT=2)
    assert target.get().status == 200
    proxy.freeze_all()
    got = target.get()
    assert (got.status, got.seconds < 1) == (200, True)


@pytest.mark.row("F06", "connect hangs", plain="passes: its connect timeout ends it")
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


@pytest.mark.row("F07", "reset on accept, mid-header, mid-body: GET", plain="fails: it does not retry")
@pytest.mark.parametrize("reset", RESETS)
def test_reset_of_a_get(start: Start, faulty: Loopback, reset: str) -> None:
    faulty.on("/x", *RESETS[reset]).on("/x", GOOD)
    assert start().get().status == 200


@pytest.mark.row("F07", "reset: POST arrives once", plain="passes: it does not retry")
@pytest.mark.parametrize("reset", RESETS)
def test_reset_of_a_post(start: Start, faulty: Loopback, reset: str) -> None:
    faulty.on("/x", *RESETS[reset]).on("/x", GOOD)
    assert start().get("/call/faulty?method=POST").status == 502
    assert len(faulty.requests) == 1


@pytest.mark.row("F07", "reset: keyed POST is retried with its key", plain="fails: it does not retry")
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
