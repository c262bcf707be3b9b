"""Background work of a request that fails after it."""

from collections.abc import Callable

import pytest
from processes import wait_until
from target import Target
from upstreams.testing.loopback import Loopback

Start = Callable[..., Target]
SPAWNED = 100
CRASH = "LookupError: of the work"


@pytest.mark.row("F29", "background work crashes", plain="fails: the error stays in its task")
def test_background_crash(start: Start, other: Loopback) -> None:
    target = start()
    assert target.get("/background?work=crashes").status == 200
    assert wait_until(lambda: CRASH in target.log(), 3)
    assert target.get("/call/other").status == 200
    assert target.log().count(CRASH) == 1


@pytest.mark.row("F29", "background work hangs, and floods", plain="fails: nothing limits it")
def test_background_flood(start: Start, other: Loopback) -> None:
    target = start()
    statuses = [target.get("/background?work=hangs").status for _ in range(3 * SPAWNED)]
    assert statuses == [200] * SPAWNED + [503] * 2 * SPAWNED
    assert target.get("/call/other").status == 200
