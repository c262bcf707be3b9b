"""Runs each row against one target, and keeps the outcomes for the table."""

import json
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
sys.path[:0] = [str(ROOT / "tests" / "project"), str(Path(__file__).parent)]

from client import CANARY
from commands import PACKAGES, PLAIN, SERVERS, TWO_WORKERS
from generation import generate
from processes import environment, run
from target import Target, migrate
from upstreams.testing.loopback import Loopback, http_response
from upstreams.testing.proxy import Proxy

OTHER_SERVERS = SERVERS[1:]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--target", choices=["ours", "stock", PLAIN], default="ours", help="stock: ours without its FAST_PATH"
    )
    parser.addoption("--results", type=Path, default=ROOT / ".faults", help="folder of the outcomes")
    parser.addoption("--restarts", type=int, default=10, help="of the row of rolling restarts (long run: 50)")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "row(id, title, plain, ours='passes'): a row of the table; the expected outcome of the control, "
        "'passes: why' or 'fails: why', for each server if not the same on all",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        says = declared(item, config.option.target)
        if says.startswith("fails"):
            item.add_marker(pytest.mark.xfail(reason=says, strict=True))


def row_of(item: pytest.Item) -> pytest.Mark:
    row = item.get_closest_marker("row")
    assert row is not None, f"{item.name} has no row"
    return row


def declared(item: pytest.Item, target: str) -> str:
    """Return the outcome that the row expects of this target, on the server of this case."""
    kwargs = row_of(item).kwargs
    says = kwargs.get(target) or kwargs.get("ours", "passes")
    return says if isinstance(says, str) else says.get(server_of(item), "passes")


def server_of(item: pytest.Item) -> str:
    return item.callspec.params.get("server", "uvicorn") if hasattr(item, "callspec") else "uvicorn"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call" or not report.passed:
        row = row_of(item)
        target = item.config.option.target
        result = {
            "id": row.args[0],
            "title": row.args[1],
            "server": server_of(item),
            "says": declared(item, target),
            "declared": declared(item, PLAIN),
            "outcome": "failed" if hasattr(report, "wasxfail") else report.outcome,
            "seconds": round(report.duration, 1),
        }
        folder = item.config.option.results / target
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{item.name.replace('/', '_')}.json").write_text(json.dumps(result))
    return report


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated project with its packages and an empty database."""
    folder = generate(tmp_path_factory.mktemp("faults") / "out")
    run(["scripts/uv", "sync", "--quiet"], folder, environment())
    migrate(folder, "sqlite:///db.sqlite3")
    return folder


@pytest.fixture(scope="session")
def other_servers(project: Path) -> None:
    """Installed beside the packages of the generated project."""
    python = str(project / ".venv" / "bin" / "python")
    run(["scripts/uv", "pip", "install", "--quiet", "--python", python, *PACKAGES], project, environment())


@pytest.fixture
def faulty() -> Iterator[Loopback]:
    with Loopback() as upstream:
        yield upstream


@pytest.fixture
def other() -> Iterator[Loopback]:
    with Loopback() as upstream:
        yield upstream.on("/x", http_response({"n": "other"}))


@pytest.fixture
def proxy(faulty: Loopback) -> Iterator[Proxy]:
    with Proxy("127.0.0.1", int(faulty.url.rpartition(":")[2])) as proxy:
        yield proxy


@pytest.fixture
def start(
    request: pytest.FixtureRequest, project: Path, tmp_path: Path, faulty: Loopback, other: Loopback
) -> Iterator[Callable[..., Target]]:
    """Starts targets, with keys of their upstream `faulty`."""
    started: list[Target] = []

    def start(
        url: str | None = None,
        *,
        env: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        server: str = "uvicorn",
        workers: int = 1,
        prefix: tuple[str, ...] = (),
        again: Target | None = None,
        up: bool = True,
        **keys: Any,
    ) -> Target:
        if server in OTHER_SERVERS:
            request.getfixturevalue("other_servers")
        if server == TWO_WORKERS:
            server, workers = "uvicorn", 2
        target = again or Target(request.config.option.target, project, tmp_path)
        started.append(target)
        target.start(
            {"faulty": url or faulty.url, "other": other.url},
            keys,
            env=env,
            settings=settings,
            server=server,
            workers=workers,
            prefix=prefix,
        )
        if up:
            target.wait_until_up()
        return target

    yield start
    for target in started:
        target.stop()
    if request.config.option.target != PLAIN:
        logs = "".join(target.log() for target in started)
        assert not [leak for leak in (CANARY, "never retrieved", "never awaited") if leak in logs], logs
