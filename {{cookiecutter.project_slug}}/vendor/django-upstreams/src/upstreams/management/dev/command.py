"""Makes `.env`, migrates, and runs the Procfile until a signal."""

import os
import secrets
import sys
from pathlib import Path

from django.core.management import CommandError

from upstreams.management.dev.guard import guard
from upstreams.management.dev.mocks import DevMocks
from upstreams.management.dev.process import Process
from upstreams.management.dev.procfile import Procfile
from upstreams.management.dev.supervisor import Supervisor
from upstreams.management.port import check_port

ENV_FILE = Path(".env")
PROCFILE = Path("Procfile")


def main(port: str, real: str = "") -> None:
    """Run the service of this folder until a signal.

    Args:
        port: of the service.
        real: upstreams that are not mocked, with commas between, or `all`.
    """
    try:
        check_port("127.0.0.1", int(port))
    except (CommandError, ValueError):
        sys.exit(f"error: port {port} cannot be used; `make dev PORT=8010` takes another")
    if not PROCFILE.exists():
        sys.exit("error: there is no Procfile here; run `make dev` in the folder of the service")
    if not ENV_FILE.exists():
        write_env_file()

    try:
        mocks = DevMocks(Path.cwd(), real)
    except ValueError as error:
        sys.exit(f"error: REAL: {error}")

    def supervise(guard: int) -> int:
        procfile = Procfile(PROCFILE, port, mocks)
        prepare = Process("prepare", [sys.executable, "-m", "upstreams.management.dev.prepare", port])
        return Supervisor(procfile.processes, procfile.environment, prepare, guard).run()

    sys.exit(guard(supervise))


def write_env_file() -> None:
    """Write an `.env` that only this user can read, with a new SECRET_KEY."""
    text = (
        "# Made by `make dev`. All variables are in .env.example.\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        "DEBUG=true\n"
    )
    with os.fdopen(os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
