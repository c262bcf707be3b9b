"""A project has the same bytes on every machine that generates it."""

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
from generation import ROOT, contents
from processes import environment
from run_cookiecutter import (
    ANSWERS,
    Contents,
    Generate,
    traces_of_a_run,
)
from sampling import sampled

VARIABLES: list[dict[str, str | None]] = [
    {"LC_ALL": "C", "LANG": "C"},
    {"LC_ALL": "nowhere.UTF-8"},
    {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr"},
    {"PYTHONIOENCODING": "ascii"},
    {"TERM": "dumb", "NO_COLOR": "1"},
    {"TERM": None, "COLUMNS": "1"},
    {"HOME": None},
    {"HOME": "/no/such/home"},
    {"HOME": "/dev/null"},
    {"PYTHONWARNINGS": "error"},
    {"PYTHONOPTIMIZE": "2"},
    {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"},
    {"PYTHONHASHSEED": "4294967295"},
    {"PYTHONSAFEPATH": "1"},
    {"PYTHONPATH": "/no/such/folder:/dev/null:relative:"},
    {"PYTHONDEVMODE": "1", "PYTHONWARNDEFAULTENCODING": "1"},
    {"PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1", "PYTHONOPTIMIZE": "1"},
    {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONINTMAXSTRDIGITS": "640"},
    {"TMPDIR": "/no/such/folder"},
    {"CDPATH": "/", "ENV": "/no/such/file", "BASH_ENV": "/no/such/file", "IFS": "/"},
    {"PATH": "/no/such/folder"},
    {
        "HTTP_PROXY": "http://127.0.0.1:9",
        "HTTPS_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    },
    {"TZ": "Nowhere/Never", "SOURCE_DATE_EPOCH": "0"},
    {"TZ": "Pacific/Kiritimati", "SOURCE_DATE_EPOCH": "later"},
    {"VIRTUAL_ENV": "/no/such/env", "UV_PYTHON": "2.7", "DJANGO_SETTINGS_MODULE": "no.such"},
    {"GIT_DIR": "/no/such/git", "GIT_CONFIG_GLOBAL": "/dev/null"},
]


def name_of(env: Mapping[str, str | None]) -> str:
    return " ".join(f"{name}={value}" for name, value in env.items())


@pytest.mark.parametrize("env", sampled({name_of(env): env for env in VARIABLES}))
def test_no_variable_changes_a_byte(
    house: Path, cookiecutter: Generate, expected: Contents, env: Mapping[str, str | None]
) -> None:
    done = cookiecutter("--no-input", env=env)
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected
    assert traces_of_a_run(house) == []


def test_a_python_that_reads_no_more_than_ascii_refuses_the_rest_in_one_line(
    house: Path, cookiecutter: Generate
) -> None:
    done = cookiecutter("--no-input", env={"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"})
    assert done.returncode == 1
    assert done.stderr.startswith("project_name contains the invisible character U+DCC3")
    assert list(house.iterdir()) == []


@pytest.mark.parametrize("mask", ["000", "022", "077"])
def test_no_umask_changes_a_byte_or_who_may_run_a_script(
    house: Path, cookiecutter: Generate, expected: Contents, mask: str
) -> None:
    done = cookiecutter("--no-input", umask=int(mask, 8))
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


def test_a_closed_output_changes_no_byte(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    done = cookiecutter("--no-input", prefix=["sh", "-c", 'exec "$0" "$@" >&- 2>&-'])
    assert done.returncode == 0
    assert contents(house / "quotes") == expected


def test_a_full_output_leaves_a_project_or_nothing(house: Path, cookiecutter: Generate) -> None:
    done = cookiecutter("--no-input", prefix=["sh", "-c", 'exec "$0" "$@" > /dev/full'])
    assert (done.returncode == 0) == (house / "quotes" / "manage.py").exists()


def test_few_open_files_are_enough(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    done = cookiecutter("--no-input", prefix=["sh", "-c", 'ulimit -n 32; exec "$0" "$@"'])
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


def test_no_network_is_needed(house: Path, cookiecutter: Generate, expected: Contents) -> None:
    done = cookiecutter("--no-input", prefix=["unshare", "--net", "--map-root-user"])
    if "unshare" in done.stderr:
        pytest.skip(f"no namespace can be made here: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


@pytest.mark.parametrize("version", ["3.9", "3.10", "3.11", "3.12", "3.13", "3.14"])
def test_any_python_that_runs_cookiecutter_gives_the_same_bytes(
    house: Path, expected: Contents, version: str
) -> None:
    python = python_of(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    config = house.with_name("rc.yaml")
    config.write_text(json.dumps({"replay_dir": f"{house}.replay"}))
    run = ["uv", "run", "-q", "--no-project", "--isolated", "--python", python, "--with", "cookiecutter>=2.6"]
    options = ["cookiecutter", "--config-file", str(config), "--no-input", str(ROOT)]
    done = subprocess.run(
        [*run, *options, *(f"{name}={value}" for name, value in ANSWERS.items())],
        cwd=house,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert contents(house / "quotes") == expected


def python_of(version: str) -> str | None:
    """uv does not look where pyenv keeps them, and pyenv's shims may not run."""
    kept = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser() / "versions"
    own = [str(path) for path in kept.glob(f"{version}.*/bin/python")]
    command = ["uv", "python", "find", "--no-project", version]
    env = environment(UV_PYTHON_DOWNLOADS="never")
    found = subprocess.run(command, env=env, capture_output=True, text=True, check=False).stdout.strip()
    return next(filter(None, [*own, found]), None)
