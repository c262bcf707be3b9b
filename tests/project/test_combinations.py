"""Every combination of answers gives a project that is whole, and whose every command works."""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from cookiecutter.exceptions import FailedHookException
from generation import PACKAGE, contents, generate, own_files
from processes import Running, environment, free_port, run

PARSERS: dict[str, Callable[[str], object]] = {
    ".py": ast.parse,
    ".toml": tomllib.loads,
    ".json": json.loads,
    ".yml": yaml.safe_load,
    ".yaml": lambda text: list(yaml.safe_load_all(text)),
}
# Not what others fill in: `${{ }}` of GitHub, `{{label}}` of Grafana, `{{ $labels.label }}` of Prometheus.
LEFTOVERS = re.compile(r"(?<!\$)\{\{(?!\w+\}\}| \$labels\.)|\{%|cookiecutter|_variants")
UPDATES = {".cruft.json", "update.py"}  # they name the tool that renders a newer version
STOP_WITHIN = 15  # seconds
SUITE = 1200  # seconds, on a machine that has much else to do
SUMMARIES = {"types": r"no issues found in .*", "suite": r"\d+ passed.* in [\d.]+s"}
"""What `--junitxml` tells of each combination, beside its seconds."""

Start = Callable[..., Running]


def test_every_file_parses(project: Path) -> None:
    assert [fault for file in own_files(project, *PARSERS) if (fault := fault_of(file))] == []


def test_nothing_of_the_template_is_left_over(project: Path) -> None:
    assert [file for file in own_files(project) if LEFTOVERS.search(f"{file.name}\n{text_of(file)}")] == []


@pytest.mark.parametrize("command", [["check"], ["format", "--check"]], ids=" ".join)
def test_the_project_is_clean_by_its_own_rules(project: Path, command: list[str]) -> None:
    run([sys.executable, "-m", "ruff", *command, "--no-cache"], project, environment())


def test_the_same_answers_give_the_same_bytes(combination: dict[str, str], tmp_path: Path) -> None:
    first, second = generate(tmp_path / "first", combination), generate(tmp_path / "second", combination)
    assert contents(first) == contents(second)


def test_the_chosen_http_client_is_the_one_required(project: Path, combination: dict[str, str]) -> None:
    clients = {"httpx", "httpx2"} & {*requirements(project), *extras(project)}
    assert clients == {combination["http_client"]}


def test_the_package_is_that_of_the_template(project: Path) -> None:
    assert contents(project / "vendor" / PACKAGE.name) == contents(PACKAGE)


def test_a_newcomer_reads_a_small_project(project: Path) -> None:
    lines = [line for file in own_files(project, ".py") for line in file.read_text().splitlines()]
    readme = (project / "README.md").read_text().splitlines()
    assert (len(own_files(project)) <= 80, len(lines) <= 1800, len(readme) <= 150) == (True, True, True)


def test_no_project_may_be_called_like_a_package_it_requires(project: Path, tmp_path: Path) -> None:
    names = {*requirements(project), *requirements(PACKAGE)}
    assert [name for name in sorted(names) if is_accepted(name, tmp_path / name)] == []


@pytest.mark.parametrize("target", ["help", "format"])
def test_make_target_works_right_after_generation(installed: Path, target: str) -> None:
    # make is content with a .PHONY target that has no rule.
    assert "Nothing to be done" not in run(["make", target], installed, environment())


def test_everything_holds_right_after_generation(
    installed: Path, record_property: Callable[[str, object], None]
) -> None:
    # `make lint` and `make typecheck` are its first two steps.
    said = run(["make", "check"], installed, environment(UV_LOCKED="1"), SUITE)
    for name, pattern in SUMMARIES.items():
        record_property(name, re.findall(pattern, said)[-1])


def test_make_test_finds_the_tests(installed: Path) -> None:
    # `make check` has run them.
    said = run(["make", "test"], installed, environment(PYTEST_ADDOPTS="--collect-only --numprocesses=0"))
    assert "tests collected" in said


def test_the_migrations_are_complete(installed: Path) -> None:
    manage(installed, "makemigrations", "--check", "--dry-run", env=filled_in(installed))


def test_the_deployment_checks_are_silent_with_the_documented_variables(installed: Path) -> None:
    manage(installed, "check", "--deploy", "--fail-level", "WARNING", env=filled_in(installed))


@pytest.mark.parametrize("stop", [Running.terminate, Running.interrupt], ids=["SIGTERM to make", "Ctrl-C"])
def test_make_dev_answers_with_a_quote_and_stops_completely(
    installed: Path, start: Start, stop: Callable[[Running], None]
) -> None:
    port = free_port()
    dev = start(["make", "dev", f"PORT={port}"], installed, environment())
    quote = dev.json_from(f"http://127.0.0.1:{port}/v1/quotes/random")
    stop(dev)
    assert set(quote) == {"text", "author"}
    assert dev.everything_ends_within(STOP_WITHIN), dev.left()


def text_of(file: Path) -> str:
    text = file.read_text()
    return text.replace("cookiecutter", "") if file.name in UPDATES else text


def fault_of(file: Path) -> str | None:
    try:
        PARSERS[file.suffix](file.read_text())
    except (SyntaxError, ValueError, yaml.YAMLError) as error:
        return f"{file}: {error}"
    return None


def requirements(project: Path) -> list[str]:
    """The names of the packages that pyproject.toml asks for."""
    about: dict[str, Any] = tomllib.loads((project / "pyproject.toml").read_text())
    groups = [*about.get("dependency-groups", {}).values()]
    groups += about["project"].get("optional-dependencies", {}).values()
    lines = [*about["project"]["dependencies"], *(line for group in groups for line in group)]
    return [re.split(r"[^A-Za-z0-9._-]", line)[0].lower() for line in lines]


def extras(project: Path) -> list[str]:
    """Those of the package that the project asks for."""
    found = re.findall(r'"django-upstreams\[(.*)\]"', (project / "pyproject.toml").read_text())
    return ",".join(found).split(",")


def is_accepted(slug: str, out: Path) -> bool:
    try:
        generate(out, {"project_slug": slug})
    except FailedHookException:
        return False
    return True


def filled_in(project: Path) -> dict[str, str]:
    """The environment of a deployment: every variable of .env.example, with a key where it leaves one to fill in."""
    lines = (project / ".env.example").read_text().splitlines()
    variables = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    return environment(**{**variables, "SECRET_KEY": "k" * 25 + "0123456789abcdefghijklmnopqrstuvwxyz"})


def manage(project: Path, *command: str, env: dict[str, str]) -> None:
    run([str(project / ".venv" / "bin" / "python"), "manage.py", *command], project, env)
