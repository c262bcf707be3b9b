"""What `manage.py startupstream` refuses before it writes anything."""

import builtins
import keyword
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from django.core.management.base import CommandError

from upstreams.core.aliases import ALIAS
from upstreams.core.definition import parse
from upstreams.management.upstream_files import RESERVED

MAX_LENGTH = 30


def import_package(name: str) -> ModuleType:
    """Import the package of the upstreams.

    Raises:
        CommandError: there is none of that name.
    """
    try:
        found = find_spec(name)
    except ModuleNotFoundError:
        found = None
    if found is None or not found.submodule_search_locations or found.origin is None:
        raise CommandError(
            f"--package: {name} is not a package here; make {name}/__init__.py, or name another"
        )
    return import_module(name)


def class_name(name: str) -> str:
    """Return the name of the class of an upstream."""
    return "".join(part.capitalize() for part in name.split("_"))


def check_form(name: str) -> None:
    """Refuse a name that cannot be an alias and a module.

    Raises:
        CommandError: it cannot.
    """
    if not ALIAS.fullmatch(name) or len(name) > MAX_LENGTH:
        raise CommandError(
            f"name: at most {MAX_LENGTH} lower-case letters, digits and single underscores, such as github"
        )


def check_free(name: str, cls: str, package: ModuleType) -> None:
    """Refuse a name that Python, the package or the two texts already use.

    Raises:
        CommandError: they do.
    """
    in_python = keyword.iskeyword(name) or hasattr(builtins, name) or name in sys.stdlib_module_names
    is_folder = any(Path(folder, name).is_dir() for folder in package.__path__)
    in_package = is_folder or hasattr(package, name) or hasattr(package, cls)
    if in_python or in_package or name in RESERVED:
        raise CommandError(f"name: {name} is taken; use another, such as {name}_api")


def check_url(name: str, url: str) -> None:
    """Refuse a URL that could not be a BASE_URL in production.

    Raises:
        CommandError: it could not; the message does not repeat it, because it may hold a password.
    """
    definitions, problems = parse({name: {"BASE_URL": url}})
    if name in definitions and definitions[name].is_plain_http:
        raise CommandError("url: plain HTTP beyond this host; write https://")
    if problems or not url.isascii() or not url.isprintable() or '"' in url:
        raise CommandError(
            "url: write one such as https://api.example.com/v1, with no user, query, fragment or dots"
        )
