"""The files of an upstream that has a schema."""

import difflib
import shutil
import subprocess  # nosec B404 - of ruff
import sys
from importlib.util import find_spec
from pathlib import Path
from string import Template

from upstreams.management.openapi.document import Document
from upstreams.management.openapi.module import Written
from upstreams.management.openapi.samples import Sample

MODULE = Template('''\
"""The upstream `$name`: what its schema offers, and what this service adds to it."""

from $package.${name}_schema import $own


class $cls($own):
    """Methods of your own go here; those of the schema are in ${name}_schema.py."""


$name = $cls("$name")
''')
TEST = Template('''\
"""What this service asks of `$name`, and what it makes of the responses; only the network is a mock."""

import pytest

from $package.$name import $name

pytestmark = pytest.mark.usefixtures("lifespan")


async def test_${method}_reads_the_response(upstream_mock):
    upstream_mock("$name").on("$verb", $path).example()
    assert await $name.$call $result
''')


def module(name: str, cls: str, own: str, package: str) -> str:
    """Return the team's module, which is written once."""
    return MODULE.substitute(name=name, cls=cls, own=own, package=package)


def test(name: str, package: str, document: Document, written: Written) -> str:
    """Return a test of the first operation that one can be made for; empty if there is none."""
    for method in sorted(written.methods, key=lambda one: one.operation.method != "GET"):
        sample = Sample(document, method)
        if sample.call is None:
            continue
        return TEST.substitute(
            name=name,
            package=package,
            method=method.operation.name.rstrip("_"),
            verb=method.operation.method,
            path=sample.path,
            call=sample.call,
            result=sample.result,
        )
    return ""


def formatted(text: str) -> str:
    """Return code as ruff would format it, if it is installed; otherwise it is nearly in that form."""
    if find_spec("ruff") is None and shutil.which("ruff") is None:
        return text
    command = [sys.executable, "-m", "ruff"] if find_spec("ruff") else ["ruff"]
    options = ["format", "--no-cache", "--isolated", "--line-length", "110", "--stdin-filename", "a.py", "-"]
    done = subprocess.run(  # noqa: S603 - the program is ruff, and the code its input # nosec B603
        [*command, *options], input=text, capture_output=True, text=True, check=False, encoding="utf-8"
    )
    return done.stdout if done.returncode == 0 and done.stdout else text


def difference(path: Path, text: str, name: str) -> str:
    """Return the unified diff between a file and what would be written to it; empty if they are the same."""
    before = path.read_text(encoding="utf-8").splitlines(keepends=True)
    after = text.splitlines(keepends=True)
    return "".join(difflib.unified_diff(before, after, name, f"{name} (new)"))
