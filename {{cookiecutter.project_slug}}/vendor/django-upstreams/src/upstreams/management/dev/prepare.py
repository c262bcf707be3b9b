"""Checks everything and migrates, before `make dev` starts anything. A process of its own: the code may be broken."""

import os
import re
import sys

import django
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.urls import NoReverseMatch, Resolver404, resolve, reverse

from upstreams.management.dev.supervisor import NOT_BY_A_SAVE

VARIABLE = re.compile(r"\b[A-Z][A-Z0-9_]+\b")
EXAMPLE_PATH = "/v1/quotes/random"


def main(port: str) -> None:
    """Prepare the service, and print its addresses; exit with one line otherwise."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        django.setup()
        call_command("serve", check=True, port=int(port))
        call_command("migrate", verbosity=0)
    except DatabaseError as error:
        fail(f"the database cannot be used: {error}; look at DATABASE_URL")
    except (CommandError, ImproperlyConfigured) as error:
        fail(str(error))
    for path in ["/", *example_paths()]:
        print(f"http://127.0.0.1:{port}{path}", flush=True)
    if admin := admin_path():
        print(f"http://127.0.0.1:{port}{admin} (`make user` adds the first user)", flush=True)


def fail(message: str) -> None:
    """Exit with one line, and with a code that says whether the change of a file can help.

    Args:
        message: what is wrong, with the names of the variables; one of the process environment stays as it is.
    """
    print(f"error: {message}", file=sys.stderr, flush=True)
    is_given = any(name in os.environ for name in VARIABLE.findall(message))
    sys.exit(NOT_BY_A_SAVE if is_given else 1)


def example_paths() -> list[str]:
    """Return the path of the template's example, as long as the project has it."""
    try:
        resolve(EXAMPLE_PATH)
    except Resolver404:
        return []
    return [EXAMPLE_PATH]


def admin_path() -> str:
    """Return the path of the admin as long as nobody can log in there; otherwise an empty text."""
    try:
        path = reverse("admin:index")
    except NoReverseMatch:
        return ""
    return "" if get_user_model()._default_manager.filter(is_staff=True).exists() else path


if __name__ == "__main__":
    main(sys.argv[1])
