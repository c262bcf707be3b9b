"""Tenants whose addresses lead where they should not, and many of them."""

import asyncio
from collections.abc import Callable

import pytest
from target import Target
from upstreams.testing.loopback import Loopback, http_response

Start = Callable[..., Target]
TENANTS = 1000
AT_ONCE = 20


@pytest.mark.row(
    "F74", "a tenant's URL that leads into this network", plain="fails: it compares the name, not the address"
)
@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]"])
def test_inside(start: Start, other: Loopback, host: str) -> None:
    target = start(ALLOW_HTTP=True)
    port = other.url.rpartition(":")[2]
    assert target.get(f"/tenant/faulty?url=http://{host}:{port}").status == 400
    assert other.accepted == 0
    assert other.url not in target.log()


@pytest.mark.row(
    "F75",
    "a redirect of a tenant's server into this network",
    plain="passes: its client follows none either",
)
def test_redirect(start: Start, faulty: Loopback, other: Loopback) -> None:
    faulty.on("/x", http_response(b"", 302, {"location": f"{other.url}/x"}))
    target = start(ALLOW_HTTP=True, TENANT_NETWORKS="127.0.0.0/8")
    url = faulty.url.replace("127.0.0.1", "127.1")
    assert target.get(f"/tenant/faulty?url={url}").status == 502
    assert (faulty.accepted, other.accepted) == (1, 0)


@pytest.mark.row(
    "F76",
    f"{TENANTS:,} tenants with servers of their own",
    plain="passes: its pool keeps 20 idle connections",
)
def test_many(start: Start, faulty: Loopback) -> None:
    faulty.on("/x", http_response({"n": "1"}))
    target = start(ALLOW_HTTP=True, TENANT_NETWORKS="127.0.0.0/8")
    port = faulty.url.rpartition(":")[2]
    asyncio.run(call(target, port, range(100)))
    before = target.megabytes()
    asyncio.run(call(target, port, range(100, TENANTS)))
    assert faulty.open <= 100 + AT_ONCE
    assert target.megabytes() - before <= 16


async def call(target: Target, port: str, numbers: range) -> None:
    for start in range(numbers.start, numbers.stop, AT_ONCE):
        several = range(start, min(start + AT_ONCE, numbers.stop))
        paths = (f"/tenant/faulty?url=http://{host(number)}:{port}" for number in several)
        found = await asyncio.gather(*(target.ask(path) for path in paths))
        assert {response.status for response in found} == {200}


def host(number: int) -> str:
    """Return one of many names of 127.0.0.1, which need no name server."""
    return f"0x7f.0x{'0' * (1 + number // 32)}.0x{'0' * (1 + number % 32)}.0x1"
