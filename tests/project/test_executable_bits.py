"""Nothing needs an executable bit: an archive loses them, on its way to the template or to the project."""

import os
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from generation import SOURCE, copy_of_the_template, generate
from processes import attempt, environment, run

# Answers as uv does, and prints how it was called.
UV = '#!/bin/sh\n[ "$1" = --version ] && echo "uv 0.13.9" || echo "uv $*"\n'


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(UV)
    uv.chmod(0o755)
    return environment(UV_PYTHON=sys.executable, PATH=f"{uv.parent}{os.pathsep}{os.environ['PATH']}")


def without_bits(folder: Path) -> Path:
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():  # not what it leads to, this Python perhaps
            path.chmod(0o644)
    return folder


@pytest.mark.parametrize("target", ["lint", "format", "typecheck", "test", "audit", "update"])
def test_a_project_without_bits_runs_its_commands(tmp_path: Path, env: dict[str, str], target: str) -> None:
    said = run(["make", target], without_bits(generate(tmp_path / "out")), env)
    assert said.startswith("uv ")


@pytest.mark.parametrize("target", ["dev", "worker"])
def test_a_project_without_bits_installs_its_packages(
    tmp_path: Path, env: dict[str, str], target: str
) -> None:
    done = attempt(["make", target], without_bits(generate(tmp_path / "out")), env)
    assert "uv sync --quiet" in done.stdout
    assert "Permission denied" not in done.stderr


def test_a_commit_is_checked_without_bits(tmp_path: Path, env: dict[str, str]) -> None:
    project = without_bits(generate(tmp_path / "out"))
    hooks = yaml.safe_load((project / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    said = [run(["sh", "-c", f"exec {hook['entry']}"], project, env) for hook in hooks]
    assert [line.split()[0] for line in said] == ["uv"] * len(hooks)


def test_the_template_without_bits_runs_what_its_ci_runs(tmp_path: Path, env: dict[str, str]) -> None:
    template = without_bits(copy_of_the_template(tmp_path / "template"))
    workflow = yaml.safe_load((template / ".github" / "workflows" / "ci.yml").read_text())
    (command,) = [step["run"] for step in workflow["jobs"]["test"]["steps"] if "run" in step]
    assert "uv run --quiet pytest" in run(["sh", "-c", f"exec {command}"], template, env)


def test_the_programs_of_a_project_may_be_run_by_their_names(tmp_path: Path) -> None:
    template = without_bits(copy_of_the_template(tmp_path / "template"))
    shutil.rmtree(template / SOURCE.name / "vendor" / "django-upstreams" / "src")
    run([sys.executable, "-m", "cookiecutter", "--no-input", str(template)], tmp_path, environment())
    programs = [path for path in (tmp_path / "quotes-service").rglob("*") if is_a_program(path)]
    assert len(programs) > 1
    assert [path for path in programs if not os.access(path, os.X_OK)] == []


def test_the_template_has_no_links_which_an_archive_loses(tmp_path: Path) -> None:
    template = copy_of_the_template(tmp_path / "template")
    assert [path for path in template.rglob("*") if path.is_symlink()] == []


def is_a_program(path: Path) -> bool:
    return path.is_file() and path.read_bytes().startswith(b"#!")
