"""`manage.py startupstream github https://api.github.com`: a class, its object and its test, to go on from."""

import builtins
import keyword
import sys
from importlib.util import find_spec
from pathlib import Path
from string import Template
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

import services
from services.core.definitions import ALIAS, parse

ROOT = Path(services.__file__).parent.parent
LONGEST = 30
WORDS = {"dataclass", "item", "lifespan", "wire"}  # of the two texts below

MODULE = Template('''\
"""The upstream `$name`: a method for each thing that this service asks of it."""

from dataclasses import dataclass

from services import Upstream


@dataclass(frozen=True)
class Item:
    """What the upstream sends; fields that are not named here are left out."""

    id: int
    name: str


class $cls(Upstream):
    """Its settings are those of `$name` in `UPSTREAMS`."""

    async def item(self, item_id: int) -> Item:
        """One item."""
        return await self.get("items/{item_id}", item_id=item_id, into=Item)


$name = $cls("$name")
''')

TEST = Template('''\
"""What is asked of `$name`, and what is made of its answers; only the network is played."""

import pytest

from services import BrokenAnswer
from services.$name import Item, $name

pytestmark = pytest.mark.usefixtures("lifespan")


async def test_an_item_is_read(wire):
    wire("$name").get("items/7").json({"id": 7, "name": "seven"})
    assert await $name.item(7) == Item(id=7, name="seven")


async def test_an_item_without_its_fields_is_a_broken_answer(wire):
    wire("$name").get("items/7").json({})
    with pytest.raises(BrokenAnswer, match="id: is missing"):
        await $name.item(7)
''')

ENTRY = Template('        "$name": {"BASE_URL": "$url"},')


class Command(BaseCommand):
    help = "Write the class, the object and the test of an upstream, and print its settings."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="its alias, and the name of its module, such as github")
        parser.add_argument("url", help="its BASE_URL, such as https://api.github.com")

    def handle(self, *_: Any, name: str, url: str, **__: Any) -> None:
        cls = "".join(part.capitalize() for part in name.split("_"))
        refuse_a_bad_name(name, cls)
        refuse_a_bad_url(name, url)
        written = {
            ROOT / "services" / f"{name}.py": MODULE.substitute(name=name, cls=cls),
            ROOT / "tests" / f"test_{name}.py": TEST.substitute(name=name),
        }
        write(written)
        self.stdout.write(f"Wrote {' and '.join(str(path.relative_to(ROOT)) for path in written)}.")
        self.stdout.write("Add to UPSTREAMS in config/settings.py:")
        self.stdout.write(ENTRY.substitute(name=name, url=url))


def refuse_a_bad_name(name: str, cls: str) -> None:
    if not ALIAS.fullmatch(name) or len(name) > LONGEST:
        raise CommandError(
            f"name: at most {LONGEST} lower-case letters, digits and single underscores, such as github"
        )
    pythons = keyword.iskeyword(name) or hasattr(builtins, name) or name in sys.stdlib_module_names
    ours = hasattr(services, name) or hasattr(services, cls) or find_spec(f"services.{name}") is not None
    if pythons or ours or name in WORDS:
        raise CommandError(f"name: {name} is taken; write {name}_api, say")


def refuse_a_bad_url(name: str, url: str) -> None:
    definitions, problems = parse({name: {"BASE_URL": url}})
    if name in definitions and definitions[name].is_plain_http:
        raise CommandError("url: plain HTTP beyond this host; write https://")
    if problems or not url.isascii() or not url.isprintable() or '"' in url:
        raise CommandError(
            "url: write one such as https://api.example.com/v1, with no user, query, fragment or dots"
        )


def write(texts: dict[Path, str]) -> None:
    for path in texts:
        if path.exists():
            raise CommandError(f"{path.relative_to(ROOT)} exists; nothing was written")
    written: list[Path] = []
    try:
        for path, text in texts.items():
            with path.open("x") as file:
                written.append(path)
                file.write(text)
    except OSError as error:
        for half in written:
            half.unlink()
        raise CommandError(f"{path.relative_to(ROOT)}: {error.strerror}; nothing was written") from None
