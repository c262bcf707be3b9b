"""`manage.py startupstream github https://api.github.com` writes an upstream; `github --remove` takes it out again."""

import builtins
import keyword
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from upstreams.core.aliases import ALIAS
from upstreams.core.definition import parse
from upstreams.management import example
from upstreams.management.upstream_files import ENTRY, RESERVED, files

MAX_LENGTH = 30


class Command(BaseCommand):
    help = "Write the class, the object and the test of an upstream, and print its settings; or remove them."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="its alias, and the name of its module, such as github")
        parser.add_argument("url", nargs="?", help="its BASE_URL, such as https://api.github.com")
        parser.add_argument(
            "--package", default="services", help="where its module goes (default: %(default)s)"
        )
        parser.add_argument(
            "--remove",
            action="store_true",
            help="delete its module, its test, and what is marked as its example",
        )

    def handle(self, *_: Any, name: str, url: str | None, package: str, remove: bool, **__: Any) -> None:
        check_form(name)
        module = import_package(package)
        folder = Path(next(iter(module.__path__)))
        root = folder.parents[package.count(".")]
        if remove:
            self.remove(name, folder, root)
        elif url is None:
            raise CommandError("url: write its BASE_URL, such as https://api.github.com")
        else:
            self.create(name, url, module, root)

    def create(self, name: str, url: str, package: ModuleType, root: Path) -> None:
        """Write the files of an upstream, or none of them, and print its settings."""
        cls = "".join(part.capitalize() for part in name.split("_"))
        check_free(name, cls, package)
        check_url(name, url)
        texts = files(name, cls, package.__name__, Path(next(iter(package.__path__))))
        write(texts, root)
        written = [str(path.relative_to(root)) for path, text in texts.items() if text]
        self.stdout.write(f"Wrote {' and '.join(written)}.")
        self.stdout.write(f"Add to UPSTREAMS in {str(settings.SETTINGS_MODULE).replace('.', '/')}.py:")
        self.stdout.write(ENTRY.substitute(name=name, url=url))

    def remove(self, name: str, folder: Path, root: Path) -> None:
        """Delete the files of an upstream and what is marked as its example, and print where else it is named."""
        done = example.remove(name, folder, root)
        if not done:
            raise CommandError(
                f"name: there is no {(folder / name).relative_to(root)}.py; nothing was removed"
            )
        self.stdout.write("\n".join(done))
        if left := example.mentions(name, root):
            self.stdout.write("Still named in:")
            self.stdout.write("\n".join(left))


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


def write(texts: dict[Path, str], root: Path) -> None:
    """Write all files, or none.

    Raises:
        CommandError: one of them exists, or cannot be written.
    """
    for path in texts:
        if path.exists():
            raise CommandError(f"{path.relative_to(root)} exists; nothing was written")
    written: list[Path] = []
    try:
        for path, text in texts.items():
            path.parent.mkdir(exist_ok=True)  # of tests
            with path.open("x") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for half in written:
            half.unlink()
        raise CommandError(f"{path.relative_to(root)}: {error.strerror}; nothing was written") from None
