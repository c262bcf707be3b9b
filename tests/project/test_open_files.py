"""A service whose descriptors run out: connections are refused, and what is accepted gets no raw 500."""

import asyncio
from collections import Counter

import pytest
from growth.clients import briefly
from growth.service import Service
from growth.strangers import raw, upload
from processes import wait_until

REQUESTS = {
    "a call": raw("/call/x"),
    "the database": raw("/v1/favourites"),
    "a static file": raw("/static/admin/css/base.css"),
    "a file": raw("/file"),
    "an upload": upload("/echo", 3_000_000),
    "a template": raw("/admin/login/"),
}


def responses(port: int, request: bytes) -> Counter[str]:
    """Send a request a hundred times at once, and count the statuses; a refused connection has none."""

    async def one() -> str:
        received = await briefly(port, request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
        return received[9:12].decode()

    async def all_at_once() -> list[str]:
        return await asyncio.gather(*(one() for _ in range(100)))

    return Counter(asyncio.run(all_at_once()))


@pytest.mark.parametrize("service", ["few descriptors"], indirect=True)
def test_without_descriptors_connections_are_refused(service: Service) -> None:
    found = {name: responses(service.port, request) for name, request in REQUESTS.items()}
    assert {name: count["500"] for name, count in found.items()} == dict.fromkeys(REQUESTS, 0)
    assert all(count[""] > 50 for count in found.values()), found
    assert all(count["200"] + count["503"] > 0 for count in found.values()), found
    assert wait_until(service.is_up, 10)
    log = service.log.read_text()
    assert log.count("connections are refused") == 1
    assert ("Exception in ASGI" in log, "Internal Server Error" in log) == (False, False), log
