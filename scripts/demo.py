"""Generates a project with the default answers and becomes its `make dev`."""

import errno
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def main() -> None:
    port = os.environ.get("PORT", "8000")
    try:
        open_port(int(port))
    except (OSError, OverflowError, ValueError) as error:
        sys.exit(complaint(port, error))
    project = generate(ROOT / ".demo" / port)
    # The flags of the make that called us would only add its noise to the inner one.
    for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS"):
        os.environ.pop(name, None)
    os.chdir(project)
    os.execvp("make", ["make", "dev", f"PORT={port}"])


def open_port(port: int) -> int:
    """Opens and closes a port of this machine, any free one for 0; an OSError says that it cannot be had."""
    with socket.socket() as listener:
        # Without it, the connections of a service that stopped a moment ago would still count.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        opened: int = listener.getsockname()[1]
        return opened


def complaint(port: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"port {port} is taken: choose another with `make demo PORT={int(port) + 10}`"
    return f"port {port} cannot be used ({error}): choose another with `make demo PORT=8010`"


def generate(folder: Path, **answers: str) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "cookiecutter", str(ROOT), "--output-dir", str(folder)]
    command += ["--no-input", "--default-config", *(f"{name}={answer}" for name, answer in answers.items())]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    (project,) = folder.iterdir()
    return project


if __name__ == "__main__":
    main()
