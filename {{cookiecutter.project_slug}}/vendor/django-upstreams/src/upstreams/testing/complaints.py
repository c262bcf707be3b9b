"""Sentences about what a test has to mock. The code under test may catch the errors, or turn them into responses."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal
from unittest import TestCase, mock

from upstreams.core.call import Call
from upstreams.core.httpx import Request
from upstreams.testing.lines import line_of_project

_complaints: list[str] = []


def add(sentence: str, details: str = "") -> AssertionError:
    """Remember a sentence, and return it as the error to raise; lines with details follow it."""
    line = line_of_project()
    _complaints.append((f"{sentence} (called at {line})" if line else sentence) + details)
    return AssertionError(_complaints[-1])


def take() -> list[str]:
    """Return the sentences since the last time, without repetitions."""
    taken = list(dict.fromkeys(_complaints))
    _complaints.clear()
    return taken


def check() -> None:
    """Raise an AssertionError with the sentences that nothing has reported yet."""
    __tracebackhide__ = True
    if sentences := take():
        raise AssertionError("; ".join(sentences))


@contextmanager
def come_first() -> Iterator[None]:
    """Fail the block by the sentences, if there are any, instead of the error that followed from them."""
    __tracebackhide__ = True
    take()
    try:
        yield
    except Exception as error:
        if sentences := take():
            raise AssertionError("; ".join(sentences)).with_traceback(error.__traceback__) from None
        raise
    check()


@contextmanager
def come_first_in_test_cases() -> Iterator[None]:
    """Do that in each test of a `unittest.TestCase`."""
    # Private: TestCase._callTestMethod (Python 3.12 to 3.14), which runs the test's function and no set-up.
    # testing/test_plain_project.py fails when it is not called.
    call = TestCase._callTestMethod  # type: ignore[attr-defined]

    def call_test(case: TestCase, method: Any) -> None:
        Ask.by = "mock_upstream"
        with come_first():
            call(case, method)

    with mock.patch.object(TestCase, "_callTestMethod", call_test):
        yield


class Ask:
    """How the current test asks for a mock.

    Attributes:
        by: the name of the pytest fixture or of the context manager.
    """

    by: Literal["upstream_mock", "mock_upstream"] = "mock_upstream"


def path_below(base: str, request: Request, call: Call) -> str:
    """Return the path of a request below a `BASE_URL`, or that of its tenant, without its query, or its URL if it is outside of it."""
    base = base if call.tenant is None else call.tenant.base_url
    url = str(request.url).partition("?")[0]
    return "" if url.removesuffix("/") == base else url.removeprefix(f"{base}/")


def unmocked(alias: str, method: str, path: str, routes: list[str] | None = None) -> str:
    """Return the sentence for a call without a response.

    Args:
        alias: the upstream.
        method: of the request.
        path: below `BASE_URL`.
        routes: of the mock that the test has asked for, if any.
    """
    route = f'{method.lower()}("{path}")' if method in ("GET", "POST") else f'on("{method}", "{path}")'
    if routes:
        others = ", ".join(routes)
        return (
            f"{alias} was called by {method} {path}, but its mock has only {others}: add .{route}.json({{…}})"
        )
    if routes is not None:
        return (
            f"{alias} was called by {method} {path}, but its mock has no response: add .{route}.json({{…}})"
        )
    what = f"{alias} was called without a mock, by {method} {path}: ask for"
    if Ask.by == "upstream_mock":
        return f'{what} upstream_mock("{alias}"), e.g. upstream_mock("{alias}").{route}.json({{…}})'
    return f'{what} mock_upstream("{alias}"), e.g. mock = self.enterContext(mock_upstream("{alias}")); mock.{route}.json({{…}})'
