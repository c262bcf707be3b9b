"""The README's commands are run here, as a stranger would: in a fresh clone, with next to nothing."""

import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from generation import ROOT, copy_of_the_template, generate
from processes import Running, attempt, bare_environment, environment, free_port, run

STOP_WITHIN = 15  # seconds
README = (ROOT / "README.md").read_text()
FENCE = re.compile(r"^ *```(\w+)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
BLOCKS = [(kind, textwrap.dedent(text)) for kind, text in FENCE.findall(README)]
COMMANDS = [line for kind, text in BLOCKS for line in text.splitlines() if kind == "sh"]
ON_WINDOWS = [line for kind, text in BLOCKS for line in text.splitlines() if kind == "powershell"]
MAKE = re.compile(r"`make ([a-z-]+)")


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_template(tmp_path_factory.mktemp("stranger") / "template")


def test_the_first_screen_has_the_two_commands_and_the_request() -> None:
    assert COMMANDS[:3] == ["make demo", "curl http://127.0.0.1:8000/v1/quotes/random", "make test"]


@pytest.mark.parametrize("stop", [Running.terminate, Running.interrupt], ids=["SIGTERM to make", "Ctrl-C"])
def test_the_demo_answers_at_the_printed_address_and_stops_completely(
    clone: Path, start: Callable[..., Running], stop: Callable[[Running], None]
) -> None:
    demo, curl, _ = COMMANDS[:3]
    port = free_port()
    running = start(demo.split(), clone, {**bare_environment(), "PORT": str(port)})
    address = curl.removeprefix("curl ").replace("8000", str(port))
    quote = running.json_from(address)
    stop(running)
    assert set(quote) == {"text", "author"}
    assert address in running.log.read_text()
    assert running.everything_ends_within(STOP_WITHIN), f"{running.left()}\n{running.log.read_text()}"


def test_the_tests_run_with_nothing_installed(clone: Path) -> None:
    # All of them would run this one again, and so on: the cheapest file stands for them.
    few = {"PYTEST_ADDOPTS": "-n 0 --quiet -k 'test_scripts_uv or test_urls'"}
    said = run(COMMANDS[2].split(), clone, {**bare_environment(), **few})
    assert said.count(" passed") == 2  # of the package, and of the template


def test_three_commands_lead_from_nothing_to_an_answer(
    clone: Path, start: Callable[..., Running], tmp_path: Path
) -> None:
    generating, entering, running = COMMANDS[3:]
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], cwd=clone, check=True, timeout=60)
    at_its_address = {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{clone}.insteadOf",
        "GIT_CONFIG_VALUE_0": "https://github.com/org/template.git",
        "HOME": str(tmp_path / "home"),
    }
    run(["sh", "-c", f"yes '' | {generating}"], tmp_path, environment(**at_its_address))
    port = free_port()
    env = environment(PORT=str(port))
    project = tmp_path / entering.removeprefix("cd ")
    started = start(running.split(), project, env)
    assert set(started.json_from(f"http://127.0.0.1:{port}/v1/quotes/random")) == {"text", "author"}
    started.terminate()
    assert started.everything_ends_within(STOP_WITHIN), started.left()


def test_the_steps_to_an_upstream_lead_to_a_view_that_passes_its_test(tmp_path: Path) -> None:
    project = generate(tmp_path / "out")
    run(["scripts/uv", "sync", "--quiet"], project, environment())
    (command,) = re.findall(r"`(\S+ manage\.py startupstream [^`]*)`", README)
    run(["sh", "-c", command], project, environment(SECRET_KEY="k" * 50))
    settings, service, view, test = [text for kind, text in BLOCKS if kind == "python"]
    append(project / "config" / "settings.py", settings)
    imports = "from dataclasses import dataclass\nfrom upstreams import Upstream\n"
    (project / "services" / "rates.py").write_text(imports + service)
    imports = "from django.http import HttpRequest, JsonResponse\nfrom services.rates import rates\n"
    (project / "api" / "prices.py").write_text(imports + view)
    urls = (
        'from django.urls import path\nfrom api.prices import price\nurlpatterns += [path("price", price)]\n'
    )
    append(project / "api" / "urls.py", urls)
    (project / "api" / "tests" / "test_prices.py").write_text(test)
    said = run([".venv/bin/pytest", "-q", "api/tests/test_prices.py"], project, environment())
    assert "1 passed" in said


def test_the_lines_for_windows_do_what_make_does(clone: Path) -> None:
    demo, test = [line.partition("#")[0].split() for line in ON_WINDOWS]
    # uv alone would download a Python, where `make`, which has perhaps run in this clone, finds one.
    with_python = {"UV_PYTHON": sys.executable}
    run(demo, clone, environment(**with_python))
    assert (clone / ".demo" / "quotes-service" / "manage.py").exists()
    few = with_python | {"PYTEST_ADDOPTS": "-n 0 --quiet tests/project/test_scripts_uv.py"}
    assert " passed" in run(test, clone, environment(**few))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/faults.md"])
def test_each_target_of_make_exists(page: str) -> None:
    named = set(MAKE.findall((ROOT / page).read_text())) - {"dev", "check", "update"}  # of a project
    run(["make", "-n", *sorted(named)], ROOT, environment())


def test_a_taken_port_is_one_clear_line(clone: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = attempt(["make", "demo", f"PORT={port}"], clone, bare_environment())
    said = [
        line
        for line in done.stderr.splitlines()
        if not line.startswith(("make: ***", "scripts/uv: installing"))
    ]
    assert said == [f"port {port} is taken: choose another with `make demo PORT={port + 10}`"]
    assert done.returncode != 0


def append(file: Path, text: str) -> None:
    file.write_text(f"{file.read_text()}\n\n{text}")
