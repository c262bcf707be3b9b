"""Nothing that strangers send makes a process grow: memory, objects, descriptors, threads, tasks, files."""

import pytest
from growth.clients import leave, read_all, send
from growth.service import HANDLERS, Census, Service, bounds, grown
from growth.strangers import ABANDONED, FILLS_CACHES, FILLS_MEMORY, RESPONDED_TO

SORTS = [
    *((name, made, read_all) for name, made in RESPONDED_TO.items()),
    *((name, made, leave) for name, made in ABANDONED.items()),
]
ROUNDS = 3
"""Only what grows in each of them is kept: the first may fill a cache that has a limit."""


def growth(service: Service, requests: int) -> dict[str, Census]:
    """Name the sorts of requests that make the process grow in each round, and what."""
    limits, found = bounds(requests), {}
    for name, made, how in SORTS:
        fills = FILLS_CACHES.get(name, 40) if requests > 1000 else 20
        send(service.port, FILLS_MEMORY.get(name, fills), made, how, 1_000_000)
        for number in range(ROUNDS):
            before = service.census()
            send(service.port, requests, made, how, number * requests)
            if not (more := grown(service, before, limits)):
                break
        else:
            found[name] = more
    return found


@pytest.mark.parametrize("service", ["true"], ids=["fast path"], indirect=True)
def test_nothing_grows(service: Service) -> None:
    assert growth(service, 20) == {}


@pytest.mark.long
@HANDLERS
def test_nothing_grows_in_2000_requests_of_each_sort(service: Service) -> None:
    assert growth(service, 2000) == {}
