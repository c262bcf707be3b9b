"""The part of the pytest plugin that records and replays; loaded by testing/plugin.py, where Django has settings."""

from collections.abc import Generator, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from upstreams.clients import registry
from upstreams.core.extras import needed
from upstreams.testing import complaints
from upstreams.testing.cassettes.marked import NAME, Marked, require_recording
from upstreams.testing.cassettes.marker import marked
from upstreams.testing.cassettes.summary import summary
from upstreams.testing.mocks import use_mocks

if TYPE_CHECKING:
    from upstreams.testing.cassettes.session import Session

HOW = "pytest --record {}"
PASSED = pytest.StashKey[bool]()
"""Whether the body of a test has passed."""
PROPERTY = "upstream_cassette"
"""Of a test's report: alias, time of the recording, and the file if it was written. pytest-xdist sends it on."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Refuse `--record` where nothing may be recorded."""
    try:
        require_recording(session.config.getoption("record"), "--record")
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Note which tests pass."""
    result = yield
    item.stash[PASSED] = True
    return result


@pytest.fixture(autouse=True)
def _upstream_cassettes(request: pytest.FixtureRequest) -> Iterator[frozenset[str]]:
    """Replace the upstreams that the marker `upstream_cassette` names; before the lifespan opens their clients."""
    found = None
    if request.node.get_closest_marker(NAME) is not None:
        found = _marked(request.node)
    if found is None:
        yield frozenset()
        return
    request.getfixturevalue("upstreams")
    session = _session(request.node, found)
    with use_mocks(session.substitutes.get):
        for alias in found.aliases:
            registry.renew(alias)
        yield frozenset(found.aliases)
    for alias in found.aliases:
        registry.renew(alias)
    request.node.user_properties += [(PROPERTY, line) for line in _end(session, request.node)]
    complaints.check()


def _marked(item: pytest.Item) -> Marked | None:
    if find_spec("yaml") is None:
        pytest.fail(needed(NAME, "cassettes"), pytrace=False)
    try:
        return marked(item)
    except ValueError as error:
        what = str(error)
    return pytest.fail(what, pytrace=False)  # outside of the handler, whose error is not of interest


def _session(item: pytest.Item, found: Marked) -> "Session":
    from upstreams.testing.cassettes.session import Session  # needs an extra

    try:
        return Session(found, item.config.getoption("record"), _shown(found.file), item.nodeid, HOW)
    except (LookupError, ValueError) as error:
        what = str(error.args[0])
    return pytest.fail(what, pytrace=False)


def _end(session: "Session", item: pytest.Item) -> list[str]:
    has_passed = item.stash.get(PASSED, False)
    if has_passed:
        session.check()
    return session.end(is_kept=has_passed)


def _shown(file: Path) -> Path:
    with suppress(ValueError):
        return file.relative_to(Path.cwd())
    return file


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """Say what was recorded now, and how old the rest is."""
    found = {
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == PROPERTY
    }
    why = "no test that ran has the marker upstream_cassette with it"
    for line in summary(found, config.getoption("record"), why):
        terminalreporter.write_line(line)
