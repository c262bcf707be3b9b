"""Runs import-linter on all packages of a project: `python -m upstreams.management.lint_imports`.

In `[tool.importlinter]` of pyproject.toml, `*` in a list of packages stands for those that the list does not name, and
in `layers` for those that no layer names. A new package is therefore checked without being listed.
"""

import json
import re
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from upstreams.core.packages import packages_in

SECTION = "tool.importlinter"


def main(arguments: list[str]) -> None:
    """Check the packages of the current folder; the arguments are those of `lint-imports`."""
    from importlinter.cli import lint_imports_command  # a requirement of the project, not of this package

    folder = Path.cwd()
    options = tomllib.loads((folder / "pyproject.toml").read_text())["tool"]["importlinter"]
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.writelines(f"{line}\n" for line in as_toml(expanded(options, packages_in(folder))))
        file.flush()
        lint_imports_command([*arguments, file.name])


def expanded(options: dict[str, Any], packages: list[str]) -> dict[str, Any]:
    """Return the options of import-linter with the names of packages in place of each `*`.

    Args:
        options: the table `tool.importlinter`.
        packages: of the project.
    """
    contracts = [
        {
            key: _list(key, value, packages) if isinstance(value, list) else value
            for key, value in contract.items()
        }
        for contract in options["contracts"]
    ]
    return {**options, "root_packages": _list("", options["root_packages"], packages), "contracts": contracts}


def as_toml(options: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of a configuration file: the strings, booleans and lists of JSON are those of TOML."""
    contracts = options["contracts"]
    for header, table in [
        (f"[{SECTION}]", options),
        *((f"[[{SECTION}.contracts]]", each) for each in contracts),
    ]:
        yield header
        yield from (
            f"{json.dumps(key)} = {json.dumps(value)}" for key, value in table.items() if key != "contracts"
        )


def _list(key: str, entries: list[str], packages: list[str]) -> list[str]:
    if key != "layers":
        others = _others(entries, packages)
        return [name for entry in entries for name in (others if entry == "*" else [entry])]
    others = _others((part for entry in entries for part in re.split("[|:]", entry)), packages)
    layers = ((re.split("[|:]", entry), " | " if "|" in entry else " : ") for entry in entries)
    filled = (
        (separator, [name for part in parts for name in (others if part.strip() == "*" else [part.strip()])])
        for parts, separator in layers
    )
    return [separator.join(names) for separator, names in filled if names]


def _others(named: Iterable[str], packages: list[str]) -> list[str]:
    known = {name.strip(" ()").partition(".")[0] for name in named}
    return [name for name in packages if name not in known]


if __name__ == "__main__":
    main(sys.argv[1:])
