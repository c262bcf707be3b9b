"""Requests that no honest client sends."""

import asyncio
import re
from collections.abc import Callable

import pytest
from client import Response, parse, raw_request
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
GOOD = http_response({"n": "1"})
HONEST = {"Host": "target", "Connection": "close"}
UPGRADE = {
    "Host": "target",
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
MEGABYTE = 2**20
REQUESTS = {
    "10,000 headers": raw_request("GET", "/pid", HONEST | {f"x-{n}": "1" for n in range(10_000)}),
    "64 KB URL": raw_request("GET", "/pid?" + "x" * 2**16, HONEST),
    "bad UTF-8 path": raw_request("GET", "/%ff%fe%0aforged", HONEST),
    "raw bytes in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: target\r\nConnection: close\r\n\r\n",
    "unknown method": raw_request("BREW", "/pid", HONEST),
    "websocket": raw_request("GET", "/pid", UPGRADE),
    "hostile Host": raw_request("GET", "/pid", HONEST | {"Host": "evil.test"}),
    "Host with a newline": raw_request("GET", "/pid", HONEST | {"Host": "evil.test%0aforged"}),
}
PLAIN = {
    "10,000 headers": "fails: it reads all of them",
    "websocket": "fails: Django raises, and its server logs the traceback",
}


def row(kind: str) -> pytest.MarkDecorator:
    return pytest.mark.row("F32", kind, plain=PLAIN.get(kind, "passes: its server or Django refuses it"))


@pytest.mark.parametrize(
    "request_", [pytest.param(raw, marks=row(kind), id=kind) for kind, raw in REQUESTS.items()]
)
def test_hostile_request(start: Start, request_: bytes) -> None:
    target = start(settings={"ALLOWED_HOSTS": ["target"]})
    got = asyncio.run(target.send(request_))
    assert (got.status // 100, b"Traceback" in got.body) == (4, False)
    assert target.is_up() or target.name == "plain"
    assert is_clean(target.log()), target.log()


@pytest.mark.row("F32", "a body of 100 MB", plain="fails: it reads all of it before it refuses it")
def test_large_body(start: Start) -> None:
    target = start()
    got, sent = asyncio.run(pour(target.port, 100 * MEGABYTE))
    assert (got.status, sent < 20 * MEGABYTE) == (413, True)
    assert is_clean(target.log()), target.log()


@pytest.mark.row("F32", "a forged request id", plain="fails: it has no request id")
@pytest.mark.parametrize("forged", ["x" * 65, 'a" level="CRITICAL', "a id=b", "\u00e9"], ids=range(4))
def test_forged_request_id(start: Start, faulty: Loopback, forged: str) -> None:
    faulty.on("/x", GOOD)
    target = start()
    got = target.get("/call/faulty", headers={"X-Request-ID": forged})
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", got.headers["x-request-id"])
    assert forged not in target.log()
    assert is_clean(target.log()), target.log()


def is_clean(log: str) -> bool:
    return "Traceback" not in log and not re.search(r"^forged", log, re.MULTILINE)


async def pour(port: int, size: int) -> tuple[Response, int]:
    """Send a body until there is a response, and count the bytes that were taken."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    responding = asyncio.ensure_future(reader.readuntil(b"\r\n\r\n"))
    writer.write(raw_request("POST", "/echo", HONEST | {"Content-Length": str(size)}))
    sent = 0
    try:
        while sent < size and not responding.done():
            writer.write(b"x" * 65536)
            sent += 65536
            await writer.drain()  # which waits only if the kernel takes no more
            await asyncio.sleep(0)
    except ConnectionError:
        pass
    raw = await responding
    writer.close()
    return parse(raw, 0), sent
