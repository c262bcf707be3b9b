"""cookiecutter run as other machines and people run it, and what it left."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from generation import QUESTIONS, ROOT, contents, copy_of_the_template, generate
from processes import environment

PROGRAM = str(Path(sys.executable).with_name("cookiecutter"))
ANSWERS = {
    "project_name": 'It\'s "ours" \\ ü',
    "project_slug": "quotes",
    "author": "$(touch pwned) `touch pwned`",
}
SECONDS = 60
# root may write anywhere, unless it is made to give that up.
AS_A_USER = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []

Contents = dict[str, tuple[int, bytes]]
Generate = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def expected(tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What the same answers give where nothing is odd."""
    return contents(generate(tmp_path_factory.mktemp("expected") / "out", ANSWERS))


@pytest.fixture(scope="session")
def of_a_copy(expected: Contents) -> Contents:
    """What they give where git knows no commit: the version is recorded instead."""
    return recorded(expected, f"v{QUESTIONS['_version']}")


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The folder in which commands would run."""
    folder = tmp_path / "house"
    folder.mkdir()
    return folder


@pytest.fixture
def cookiecutter(house: Path) -> Generate:
    def cookiecutter(
        *options: str,
        template: Path = ROOT,
        answers: Mapping[str, str] = ANSWERS,
        prefix: list[str] | None = None,
        env: Mapping[str, str | None] | None = None,
        rc: Mapping[str, object] | None = None,
        **more: object,
    ) -> subprocess.CompletedProcess[str]:
        config = house.with_name("rc.yaml")
        config.write_text(json.dumps({"replay_dir": f"{house}.replay", **(rc or {})}))
        given = [f"{name}={value}" for name, value in answers.items()]
        merged = {**environment(), **(env or {})}
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [*(prefix or []), PROGRAM, "--config-file", str(config), *options, str(template), *given],
            cwd=house,
            env={name: value for name, value in merged.items() if value is not None},
            stdin=subprocess.DEVNULL,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
            text=True,
            timeout=SECONDS,
            check=False,
        )

    return cookiecutter


def replay_file(
    house: Path, cookiecutter: Generate, more: Mapping[str, object] | None = None, without: str = ""
) -> str:
    """Kept by a run of cookiecutter, then edited by hand."""
    cookiecutter("--no-input")
    shutil.rmtree(house / "quotes")
    (kept,) = Path(f"{house}.replay").glob("*.json")
    replay = json.loads(kept.read_text())
    replay["cookiecutter"] |= more or {}
    replay["cookiecutter"].pop(without, None)
    kept.write_text(json.dumps(replay))
    return str(kept)


def everything_beside(house: Path) -> list[Path]:
    """What a path above it would have made shows, too."""
    own = (f"{house}.replay", "rc.yaml", "kept.json")
    return [path for path in house.parent.rglob("*") if not any(name in str(path) for name in own)]


@pytest.fixture
def template(tmp_path: Path) -> Path:
    return copy_of_the_template(tmp_path / "template")


def recorded(made: Contents, commit: str) -> Contents:
    """The same, made from another commit."""
    mode, text = made[".cruft.json"]
    replaced = re.sub(rb'"commit": ".*?"', f'"commit": "{commit}"'.encode(), text)
    return {**made, ".cruft.json": (mode, replaced)}


def traces_of_a_run(house: Path) -> list[Path]:
    return [*house.rglob("pwned"), *ROOT.glob("pwned"), *Path(f"{house}.replay").rglob("pwned")]
