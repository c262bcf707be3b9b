"""`make dev`: a fresh `.env`, a migrated database, and the processes of the Procfile until Ctrl-C."""

import os
import secrets
import sys
from pathlib import Path

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError

from server.address import refuse_if_taken

ENV = Path(".env")


def main(port: str) -> None:
    # The Procfile's `python` is the one that runs this.
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if not ENV.exists():
        write_env()
    prepare(port)
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


def prepare(port: str) -> None:
    """What is wrong is said in one line; in this process, because each other one takes half a second to start."""
    try:
        refuse_if_taken("127.0.0.1", int(port))
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


if __name__ == "__main__":
    main(sys.argv[1])
