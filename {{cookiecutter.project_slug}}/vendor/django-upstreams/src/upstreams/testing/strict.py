"""Fails tests that leave something open or connect to other machines: `pytest_plugins = ["upstreams.testing.strict"]`."""

import asyncio
import gc
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from upstreams.core.packages import packages_in
from upstreams.testing.hints import FAILED
from upstreams.testing.leaks import watch_leaks


def pytest_configure(config: pytest.Config) -> None:
    """Make warnings of the project's own modules errors, and coroutines that were never awaited, whoever made them.

    Warnings of other packages are listed at the end. `filterwarnings` of the project comes after these and overrides
    them: `["error"]` makes all warnings errors.
    """
    own = "|".join([*packages_in(config.rootpath), "conftest"])
    config.getini("filterwarnings")[:0] = [
        rf"error:::({own})(\.|$)",
        "error:coroutine .* was never awaited:RuntimeWarning",
        # As an error, the warning above is raised where the coroutine is deleted, which pytest reports as this one.
        "error::pytest.PytestUnraisableExceptionWarning",
        "error::pytest.PytestUnhandledThreadExceptionWarning",
    ]


@pytest_asyncio.fixture(autouse=True)
async def leaks(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    """Fail a test that leaves something open or connects to another machine.

    A test that has failed already is left alone: what it left open follows from that.
    """
    with watch_leaks(asyncio.get_running_loop()) as watch:
        yield
        if request.node.stash.get(FAILED, False):
            return
        # Closing takes some turns of the loop, and threads take a moment to end. A traceback may hold the last
        # reference to an object, and a thread that is ending may hold the traceback.
        for attempt in range(200):
            if not (left := watch.left()):
                break
            if attempt % 20 == 0:
                gc.collect()
            await asyncio.sleep(0.005)
    assert not left, "; ".join(left)
    assert not watch.refused, "; ".join(watch.refused)
