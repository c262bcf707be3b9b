"""What pytest says first when a test fails: the call to mock, or what to write in an async test."""

import inspect
import sys
from collections.abc import Generator
from typing import Any

import pytest
from django.core.signals import got_request_exception

from upstreams.testing import complaints

FAILED = pytest.StashKey[bool]()
"""Whether the body of a test has failed."""
ASYNC_HINTS = {
    "You cannot use AsyncToSync": "this test is async: await the call itself, and use aclient instead of Django's client",
    "asyncio.run() cannot be called": "this test is async: await the coroutine instead of running it",
    "Database access not allowed": "this test uses the database: ask for the fixture async_db",
}
"""Part of a RuntimeError -> what to write instead."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail a test by the sentence that says what to write, if there is one, instead of what followed from that."""
    __tracebackhide__ = True
    complaints.Ask.by = "upstream_mock"
    errors: list[BaseException] = []

    def on_error(**_: Any) -> None:
        if (error := sys.exc_info()[1]) is not None:
            errors.append(error)

    got_request_exception.connect(on_error)
    try:
        with complaints.come_first():
            try:
                return (yield)
            except (Exception, pytest.fail.Exception) as error:
                if hint := _hint(item, [error, *errors]):
                    raise AssertionError(hint).with_traceback(error.__traceback__) from None
                raise
    except (Exception, pytest.fail.Exception):
        item.stash[FAILED] = True
        raise
    finally:
        got_request_exception.disconnect(on_error)


def _hint(item: pytest.Item, errors: list[BaseException]) -> str | None:
    is_async = inspect.iscoroutinefunction(getattr(item, "function", None))
    for error in errors:
        forgotten = getattr(error, "obj", None)
        if isinstance(error, AttributeError) and inspect.iscoroutine(forgotten):
            forgotten.close()  # so that nothing is said of a coroutine that was never awaited
            return f"{forgotten.__qualname__}(…) was not awaited: write await before the call"
        if is_async and isinstance(error, RuntimeError):
            for part, hint in ASYNC_HINTS.items():
                if part in str(error):
                    return hint
    return None
