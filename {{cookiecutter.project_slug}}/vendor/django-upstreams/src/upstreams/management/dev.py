"""`python -m upstreams.management.dev PORT`: makes `.env`, migrates, and runs the Procfile until Ctrl-C."""

import os
import secrets
import sys
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.urls import Resolver404, resolve

from upstreams.management.port import check_port

ENV_FILE = Path(".env")
EXAMPLE_PATH = "/v1/quotes/random"


def main(port: str) -> None:
    # The Procfile's `python` is the one that runs this.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if not ENV_FILE.exists():
        write_env_file()
    prepare(port)
    print(f"http://127.0.0.1:{port}{first_path()}", flush=True)
    # Without .env, which the settings read: only they know which variables win.
    os.execvp("honcho", ["honcho", "--env", os.devnull, "start", "--port", port])  # noqa: S606, S607 - of this environment


def write_env_file() -> None:
    """Write an `.env` that only this user can read, with a new SECRET_KEY."""
    text = (
        "# Made by `make dev`. All variables are in .env.example.\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        "DEBUG=true\n"
    )
    with os.fdopen(os.open(ENV_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def prepare(port: str) -> None:
    """Check everything and migrate, or exit with one line; in this process, because another takes half a second."""
    try:
        check_port("127.0.0.1", int(port))
    except (CommandError, ValueError):
        sys.exit(f"error: port {port} cannot be used; `make dev PORT=8010` takes another")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        call_command("serve", check=True, port=int(port))
        call_command("migrate", verbosity=0)
    except DatabaseError as error:
        sys.exit(f"error: the database cannot be used: {error}; look at DATABASE_URL")
    except (CommandError, ImproperlyConfigured) as error:
        sys.exit(f"error: {error}")


def first_path() -> str:
    """Return the path to try first: that of the template's example, as long as the project has it."""
    try:
        resolve(EXAMPLE_PATH)
    except Resolver404:
        return "/"
    return EXAMPLE_PATH


if __name__ == "__main__":
    main(sys.argv[1])
