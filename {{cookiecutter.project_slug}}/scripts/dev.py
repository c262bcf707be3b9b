"""`make dev`: a fresh `.env`, a migrated database, and the processes of the Procfile until Ctrl-C."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

ENV = Path(".env")


def main(port: str) -> None:
    # The Procfile's `python` is the one that runs this.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if not ENV.exists():
        write_env()
    manage("serve", "--check", "--port", port)
    manage("migrate", "--verbosity", "0")
    print(f"http://127.0.0.1:{port}/v1/quotes/random", flush=True)
    # honcho would read .env, too: settings do, and know which of the two wins.
    os.execvp("honcho", ["honcho", "--env", os.devnull, "start", "--port", port])


def write_env() -> None:
    text = (
        "# Made by `make dev`. All variables are in .env.example.\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        "DEBUG=true\n"
    )
    with os.fdopen(os.open(ENV, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def manage(*command: str) -> None:
    done = subprocess.run([sys.executable, "manage.py", *command], check=False)
    if done.returncode:
        sys.exit(done.returncode)


if __name__ == "__main__":
    main(sys.argv[1])
