"""The commands on the README's first screen are run here, as a stranger would: in a fresh clone, with next to nothing."""

import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from generation import ROOT, copy_of_the_template
from processes import Running, attempt, bare_environment, free_port, run

STOP_WITHIN = 15  # seconds
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMANDS = [line for block in FENCE.findall((ROOT / "README.md").read_text()) for line in block.splitlines()]


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
    few = {"PYTEST_ADDOPTS": "-n 0 --quiet tests/test_scripts_uv.py"}
    assert " passed" in run(COMMANDS[2].split(), clone, {**bare_environment(), **few})


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
