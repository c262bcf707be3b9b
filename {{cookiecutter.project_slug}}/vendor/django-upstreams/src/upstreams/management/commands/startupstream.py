"""`manage.py startupstream github https://api.github.com` writes an upstream; `github --remove` takes it out again.

`manage.py startupstream github --openapi github.yaml` writes it from its schema, and shows later what has changed;
`github --check` compares the schema that it was written from with the present one.
"""

from pathlib import Path
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from upstreams.management import example
from upstreams.management.openapi.errors import SchemaError
from upstreams.management.schemas.checking import changes_since
from upstreams.management.schemas.record import schema_file
from upstreams.management.schemas.renewal import Plan, plan
from upstreams.management.upstream_checks import check_form, check_free, check_url, class_name, import_package
from upstreams.management.upstream_files import ENTRY, files


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
        parser.add_argument("--openapi", metavar="SCHEMA", help="write it from this file or URL, OpenAPI 3")
        parser.add_argument(
            "--only", default="", help="with --openapi: these operations, with commas between"
        )
        parser.add_argument(
            "--write", action="store_true", help="with --openapi: write a schema that has changed"
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="fail if its schema, from where it was recorded or --openapi, is no longer the recorded one",
        )

    def handle(
        self,
        *_: Any,
        name: str,
        url: str | None,
        package: str,
        remove: bool,
        openapi: str | None,
        check: bool,
        **more: Any,
    ) -> None:
        check_form(name)
        for option in ("only", "write"):
            if more.get(option) and (openapi is None or check):
                raise CommandError(f"--{option}: goes with --openapi{', without --check' * check}")
        if remove and (openapi is not None or check):
            raise CommandError("--remove: goes without --openapi and --check")
        module = import_package(package)
        folder = Path(next(iter(module.__path__)))
        root = folder.parents[package.count(".")]
        if check:
            self.check_schema(name, folder, root, openapi)
        elif remove:
            self.remove(name, folder, root)
        elif openapi is not None:
            self.create_from(openapi, name, url, module, root, **more)
        elif url is None:
            raise CommandError("url: write its BASE_URL, such as https://api.github.com")
        else:
            self.create(name, url, module, root)

    def create(self, name: str, url: str, package: ModuleType, root: Path) -> None:
        """Write the files of an upstream, or none of them, and print its settings."""
        cls = class_name(name)
        check_free(name, cls, package)
        check_url(name, url)
        self.write_all(files(name, cls, package.__name__, Path(next(iter(package.__path__)))), root)
        self.show_entry([ENTRY.substitute(name=name, url=url)])

    def create_from(
        self, schema: str, name: str, url: str | None, package: ModuleType, root: Path, **more: Any
    ) -> None:
        """Write the files of an upstream from its schema; if they are there, show what has changed in it."""
        only = [part.strip() for part in more["only"].split(",") if part.strip()]
        folder = Path(next(iter(package.__path__)))
        if url is not None:
            check_url(name, url)
        if not (folder / f"{name}_schema.py").exists():
            check_free(name, class_name(name), package)
        try:
            found = plan(schema, name, class_name(name), package.__name__, folder, only, url)
        except SchemaError as error:
            raise CommandError(f"--openapi: {error}") from None
        for note in found.notes:
            self.stdout.write(note)
        if found.is_new:
            self.write_all(found.texts, root)
            self.show_entry(found.entry)
        else:
            self.renew(found, root, is_written=more["write"])

    def renew(self, found: Plan, root: Path, *, is_written: bool) -> None:
        """Show the difference between the module of a schema and what would be written, and write that if asked to."""
        name = str(found.path.relative_to(root))
        if not (diff := found.difference(root)):
            self.stdout.write(f"{name} is up to date.")
            return
        self.stdout.write(diff, ending="")
        if not is_written:
            self.stdout.write("Nothing was written; add --write to write it.")
            return
        if found.edited == found.path:
            raise CommandError(
                f"{name} was edited: move your own code into {name.replace('_schema.py', '.py')}, undo the rest, "
                "and run this again; nothing was written"
            )
        record = found.record.relative_to(root)
        if found.edited is not None:
            raise CommandError(
                f"{record} was edited: undo that or delete it, and run this again; nothing was written"
            )
        found.replace()
        self.stdout.write(f"Wrote {name} and {record}.")

    def check_schema(self, name: str, folder: Path, root: Path, source: str | None) -> None:
        """Print what has changed in a schema since it was recorded, and fail if anything has."""
        record = schema_file(folder, name)
        if not record.exists():
            raise CommandError(f"--check: there is no {record.relative_to(root)}; write it by --openapi")
        try:
            found = changes_since(record, source)
        except SchemaError as error:
            raise CommandError(f"--check: {error}") from None
        if not found:
            self.stdout.write(f"{record.relative_to(root)} is up to date.")
            return
        self.stdout.write("\n".join(one.line for one in found))
        breaking = len([one for one in found if one.breaks])
        raise CommandError(
            f"{record.relative_to(root)}: the schema has changed in {len(found)} places, {breaking} of which may break "
            "this service; write it again by --openapi and --write"
        )

    def write_all(self, texts: dict[Path, str], root: Path) -> None:
        """Write files, and print their names."""
        write(texts, root)
        written = [str(path.relative_to(root)) for path, text in texts.items() if text]
        self.stdout.write(
            f"Wrote {' and '.join([', '.join(written[:-1]), written[-1]] if written[1:] else written)}."
        )

    def show_entry(self, lines: list[str]) -> None:
        """Print the entry of the settings."""
        self.stdout.write(f"Add to UPSTREAMS in {str(settings.SETTINGS_MODULE).replace('.', '/')}.py:")
        self.stdout.write("\n".join(lines))

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
            with path.open("x", encoding="utf-8") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for half in written:
            half.unlink()
        raise CommandError(f"{path.relative_to(root)}: {error.strerror}; nothing was written") from None
