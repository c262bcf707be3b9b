import signal
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from generation import COMBINATIONS, INSTALLED, PAIRWISE, generate, name_of
from growth.service import service
from processes import Running, environment, run
from run_cookiecutter import cookiecutter, expected, house, of_a_copy, template
from updating import old_project, releases, update

# Fixtures of growth/service.py, run_cookiecutter.py and updating.py.
__all__ = [
    "cookiecutter",
    "expected",
    "house",
    "of_a_copy",
    "old_project",
    "releases",
    "service",
    "template",
    "update",
]


def pytest_configure() -> None:
    # A handler, unlike being ignored, is not inherited: under nohup, what tests start still ends by a hang-up.
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session", params=COMBINATIONS, ids=name_of)
def combination(request: pytest.FixtureRequest) -> dict[str, str]:
    answers: dict[str, str] = request.param
    return answers


@pytest.fixture(scope="session")
def project(combination: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated project, fresh from the template."""
    return generate(tmp_path_factory.mktemp("combination") / "out", combination)


ROWS = [pytest.param(row, marks=[] if row in INSTALLED else pytest.mark.long) for row in PAIRWISE]


@pytest.fixture(scope="session", params=ROWS, ids=name_of)
def installed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another one, with its packages."""
    project = generate(tmp_path_factory.mktemp("installed") / "out", request.param)
    run(["scripts/uv", "sync", "--quiet"], project, environment(UV_LOCKED="1"))
    return project


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts commands that go on running; whatever is left of them is killed when the test ends."""
    started: list[Running] = []

    def start(command: list[str], cwd: Path, env: Mapping[str, str]) -> Running:
        started.append(Running(command, cwd, env, tmp_path / f"output-{len(started)}.txt"))
        return started[-1]

    yield start
    for running in started:
        running.kill()
