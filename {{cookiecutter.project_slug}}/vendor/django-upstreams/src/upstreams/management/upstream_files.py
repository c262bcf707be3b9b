"""The texts that `manage.py startupstream` writes."""

from pathlib import Path
from string import Template

RESERVED = {"dataclass", "item", "lifespan", "pytest", "upstream_mock"}
"""Names that the texts use for something else."""

MODULE = Template('''\
"""The upstream `$name`: a method for each thing that this service asks of it."""

from dataclasses import dataclass

from upstreams import Upstream


@dataclass(frozen=True)
class Item:
    """What the upstream sends; fields that are not named here are ignored."""

    id: int
    name: str


class $cls(Upstream):
    """Its settings are those of `$name` in `UPSTREAMS`."""

    async def item(self, item_id: int) -> Item:
        """Return one item."""
        return await self.get("items/{item_id}", item_id=item_id, into=Item)


$name = $cls("$name")
''')

TEST = Template('''\
"""What this service asks of `$name`, and what it makes of the responses; only the network is a mock."""

import pytest
from upstreams import UpstreamDecodeError

from $package.$name import Item, $name

pytestmark = pytest.mark.usefixtures("lifespan")


async def test_an_item_is_read(upstream_mock):
    upstream_mock("$name").get("items/7").json({"id": 7, "name": "seven"})
    assert await $name.item(7) == Item(id=7, name="seven")


async def test_an_item_without_its_fields_is_an_error(upstream_mock):
    upstream_mock("$name").get("items/7").json({})
    with pytest.raises(UpstreamDecodeError, match="id: is missing"):
        await $name.item(7)
''')

ENTRY = Template('        "$name": {"BASE_URL": "$url"},')


def files(name: str, cls: str, package: str, folder: Path) -> dict[Path, str]:
    """Return the path and the text of each file of a new upstream.

    Args:
        name: its alias.
        cls: the name of its class.
        package: the package that its module goes into.
        folder: of the package.
    """
    # A folder `tests` would hide the module that `startapp` makes.
    tests = folder if (folder / "tests.py").exists() else folder / "tests"
    texts = {
        folder / f"{name}.py": MODULE.substitute(name=name, cls=cls),
        tests / f"test_{name}.py": TEST.substitute(name=name, package=package),
    }
    if not (tests / "__init__.py").exists():
        texts[tests / "__init__.py"] = ""
    return texts
