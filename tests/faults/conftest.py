"""Runs each row against one target, checks the outcome that it declares for the plain pattern, keeps the results."""

import json
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "{{cookiecutter.project_slug}}"), str(Path(__file__).parent)]

from generation import generate
from processes import environment, run
from target import Target
from testing.proxy import Proxy
from testing.upstream import Loopback, answer

RESULTS = ROOT / ".faults"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--target", choices=["ours", "plain"], default="ours")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "row(id, title, plain): a row of the table; what becomes of the plain pattern"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        row = item.get_closest_marker("row")
        assert row is not None, f"{item.name} has no row"
        if config.option.target == "plain" and row.kwargs["plain"].startswith("fails"):
            item.add_marker(pytest.mark.xfail(reason=row.kwargs["plain"], strict=True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        row = item.get_closest_marker("row")
        assert row is not None
        passed = report.outcome == "passed" and not hasattr(report, "wasxfail")
        result = {
            "id": row.args[0],
            "title": row.args[1],
            "declared": row.kwargs["plain"],
            "passed": passed,
            "seconds": round(report.duration, 1),
        }
        folder = RESULTS / item.config.option.target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{item.name.replace('/', '_')}.json").write_text(json.dumps(result))
    return report


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated project with its packages."""
    folder = generate(tmp_path_factory.mktemp("faults") / "out")
    run(["scripts/uv", "sync", "--quiet"], folder, environment())
    return folder


@pytest.fixture
def faulty() -> Iterator[Loopback]:
    with Loopback() as upstream:
        yield upstream


@pytest.fixture
def other() -> Iterator[Loopback]:
    with Loopback() as upstream:
        yield upstream.on("/x", answer({"n": "other"}))


@pytest.fixture
def proxy(faulty: Loopback) -> Iterator[Proxy]:
    with Proxy("127.0.0.1", int(faulty.url.rpartition(":")[2])) as proxy:
        yield proxy


@pytest.fixture
def start(
    request: pytest.FixtureRequest, project: Path, tmp_path: Path, faulty: Loopback, other: Loopback
) -> Iterator[Callable[..., Target]]:
    """Starts the target with keys of its upstream `faulty`."""
    target = Target(request.config.option.target, project, tmp_path / "log.txt")

    def start(url: str | None = None, env: Mapping[str, str] | None = None, **keys: Any) -> Target:
        target.start(url or faulty.url, other.url, keys, env)
        return target

    yield start
    target.stop()
