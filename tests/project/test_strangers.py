"""Nothing that strangers send is an error of the service: no 500, no line in the log at ERROR, no traceback."""

import asyncio
import json
import re
import urllib.request
from pathlib import Path

import pytest
from growth.clients import AT_ONCE, briefly
from growth.inputs import hostile
from growth.service import HANDLERS, Service, bounds, grown

EVERYWHERE = {200, 302, 400, 401, 403, 404, 405, 413, 414, 431, 502}
"""Statuses which show that the requests got to every layer."""
STATUS = re.compile(rb"^HTTP/1.[01] (\d{3})", re.MULTILINE)


def statuses(port: int, seeds: range) -> dict[int, int]:
    """Send the requests of these numbers, and return the seed of the last one that got each status."""
    found: dict[int, int] = {}

    async def all_of_them() -> None:
        turns = asyncio.Semaphore(AT_ONCE)

        async def one(seed: int) -> None:
            async with turns:
                for status in STATUS.findall(await briefly(port, hostile(seed))):
                    found[int(status)] = seed

        await asyncio.gather(*map(one, seeds))

    asyncio.run(all_of_them())
    return found


def errors(log: Path) -> list[str]:
    """Return the lines that are no JSON, have a stack, or are more than a warning."""
    lines = log.read_text().splitlines()
    return [line for line in lines if not line.startswith("{") or is_error(json.loads(line))]


def is_error(line: dict[str, str]) -> bool:
    if line["logger"] == "upstreams.asgi.loop_watchdog":  # a machine with other work blocks the loop, too
        return False
    return line["level"] not in ("info", "warning") or "exception" in line or "Traceback" in line["event"]


def assert_nothing_breaks(service: Service, requests: int) -> None:
    found = statuses(service.port, range(requests))  # they fill what has a limit
    before = service.census()
    found |= statuses(service.port, range(requests, 2 * requests))
    # Caches with a limit fill for 20,000 requests, and each further thread has an arena of its own.
    assert grown(service, before, bounds(requests) | {"kilobytes": max(2 * requests, 5000)}) == {}
    assert errors(service.log) == []
    assert {status: seed for status, seed in found.items() if status == 500} == {}
    assert EVERYWHERE - found.keys() == set()
    with urllib.request.urlopen(f"http://127.0.0.1:{service.port}/livez", timeout=5) as response:
        assert response.status == 200


@HANDLERS
def test_hundreds_of_hostile_requests_are_no_error(service: Service) -> None:
    assert_nothing_breaks(service, 300)


@pytest.mark.long
@HANDLERS
def test_ten_thousand_hostile_requests_are_no_error(service: Service) -> None:
    assert_nothing_breaks(service, 5_000)
