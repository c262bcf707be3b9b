"""Runs `make update` in a small project, with a small script in place of uv."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from generation import contents
from processes import environment
from releases import FOLDER, Template, write

# Stand for uv: lock by copying, and run the cookiecutter that is installed here, or copy in its place.
UV = """#!/bin/sh
case $1 in
    lock) cp vendor/django-upstreams/pyproject.toml uv.lock ;;
    run) shift 7; exec {python} "$@" ;;
esac
"""
QUICK_UV = """#!/bin/sh
case $1 in
    lock) cp vendor/django-upstreams/pyproject.toml uv.lock ;;
    run) mkdir -p "${14}"; cp -r "${15}"/*project_slug* "${14}/quotes" ;;
esac
"""
UV_WITHOUT_A_NETWORK = UV.replace(
    "cp vendor/django-upstreams/pyproject.toml uv.lock", "echo error: offline >&2; exit 2"
)
# Kills the process at the N-th step that it takes: a command, a rename, the removal of what it has made.
KILLER = """
import os, runpy, signal, sys
left = int(sys.argv.pop(1))
def count(event, arguments):
    global left
    removes = event == "os.rmdir" and os.path.basename(arguments[0]) in {"src", "refs", "upstreams"}
    if removes or event in {"subprocess.Popen", "os.rename", "shutil.rmtree", "tempfile.mkdtemp"}:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(count)
runpy.run_path("scripts/update.py", run_name="__main__")
"""
STEPS = 34
"""With this one, an update takes fewer."""

Done = subprocess.CompletedProcess[str]
Update = Callable[..., Done]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Template:
    return Template(tmp_path_factory.mktemp("releases") / "template")


@pytest.fixture
def old_project(releases: Template, tmp_path: Path) -> Path:
    """Made from the first release, with edits of the team in its own files."""
    return releases.project(tmp_path / "quotes")


@pytest.fixture
def update(old_project: Path, tmp_path: Path) -> Update:
    def update(*wanted: str, killed_at: int = 0, uv: str = UV, **env: str) -> Done:
        write(tmp_path / "uv", uv.replace("{python}", sys.executable))
        (tmp_path / "uv").chmod(0o755)
        return subprocess.run(
            [sys.executable, "-c", KILLER, str(killed_at), *wanted],
            cwd=old_project,
            env=environment(**{"UV": str(tmp_path / "uv"), **env}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return update


def package(project: Path) -> dict[str, str]:
    return {name: data.decode() for name, (_, data) in contents(project / FOLDER).items()}


def patch_of(project: Path) -> str:
    return (project / "update.patch").read_text()


def record_of(project: Path) -> dict[str, object]:
    record: dict[str, object] = json.loads((project / ".cruft.json").read_text())
    return record


def recorded(project: Path) -> object:
    return record_of(project)["commit"]


def rerecord(project: Path, **keys: object) -> None:
    (project / ".cruft.json").write_text(json.dumps({**record_of(project), **keys}))


def answers(project: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((project / ".cruft.json").read_text())["context"]["cookiecutter"]
    return found
