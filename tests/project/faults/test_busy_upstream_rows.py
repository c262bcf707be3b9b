"""An upstream that is overloaded, fails now and then, or hangs."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from client import Watching, raw_request
from processes import wait_until
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})


@pytest.mark.row("F12", "429 with a Retry-After that fits", plain="fails: it does not retry")
@pytest.mark.parametrize("seconds", [0, 1])
def test_retry_after_that_fits(start: Start, faulty: Loopback, seconds: int) -> None:
    faulty.on("/x", http_response({}, 429, {"retry-after": str(seconds)})).on("/x", GOOD)
    got = start(TIMEOUT=5).get()
    assert (got.status, got.seconds >= seconds) == (200, True)


@pytest.mark.row("F12", "429 with a Retry-After that does not fit", plain="fails: it is not passed on")
@pytest.mark.parametrize("seconds", [30, 86400])
def test_retry_after_that_does_not_fit(start: Start, faulty: Loopback, seconds: int) -> None:
    faulty.on("/x", http_response({}, 429, {"retry-after": str(seconds)}))
    got = start(TIMEOUT=5).get()
    assert (got.status, got.headers.get("retry-after"), got.seconds < 0.5) == (503, str(seconds), True)
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


@pytest.mark.row("F14", "every tenth response is a 503", plain="fails: it does not retry")
def test_every_tenth_fails(start: Start, faulty: Loopback) -> None:
    for script in ([GOOD] * 9 + [http_response({}, 503)]) * 30:
        faulty.on("/x", script)
    target = start(BACKOFF=0.001)
    good = sum(target.get().status == 200 for _ in range(200))
    assert good >= 199
    assert len(faulty.requests) <= 1.15 * 200


@pytest.mark.row("F17", "keep-alive race, 1,000 times", plain="fails: it does not retry")
def test_keep_alive_race(start: Start, faulty: Loopback) -> None:
    faulty.dies_on_reuse = True
    faulty.on("/x", GOOD)
    target = start(BACKOFF=0.001)
    statuses = [target.get().status for _ in range(1000)]
    posts = [target.get("/call/faulty?method=POST").status for _ in range(20)]
    assert statuses == [200] * 1000
    assert sum(request.method == "POST" for request in faulty.requests) <= len(posts)


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
    assert {response.status for response in others.responses} == {200}
    assert others.slowest() < max(0.5, 2 * baseline)
    assert set(flood) <= {503, 504}


@pytest.mark.row(
    "F60", "100 clients do not read a stream that is passed on", plain="fails: they take its pool"
)
def test_readers_that_stop(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", GOOD).on("/large", http_response(bytes(8 * 10**6)))
    target = start()
    baseline = sorted(target.get().seconds for _ in range(100))[98]
    with readers_that_stop(target, 100):
        assert wait_until(lambda: faulty.open >= 20, 10)
        assert target.get().status == 200
        with Watching(target, "/call/faulty") as calls:
            time.sleep(3)
            at_once = target.many(20)
    assert not calls.errors
    assert {response.status for response in [*calls.responses, *at_once]} == {200}
    assert calls.slowest() < max(0.5, 2 * baseline)


@contextlib.contextmanager
def readers_that_stop(target: Target, number: int) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            reader = stack.enter_context(socket.socket())
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", target.port))
            reader.sendall(raw_request("GET", "/pass-on/faulty", {"Host": "target"}))
        yield
