"""Which upstreams of a test have a cassette, and the file that belongs to it. For every test runner."""

import hashlib
import os
import re
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from upstreams.core.definition import configured
from upstreams.core.extras import needed
from upstreams.core.keys import suggestion

NAME = "upstream_cassette"
UNSAFE = re.compile(r"[^\w.,=+-]+")
LONGEST = 100
"""Characters of a file's name."""


class Marked(NamedTuple):
    """A test with a cassette.

    Args:
        aliases: its upstreams.
        remove: names of headers and fields that its cassette does not contain, beside those that none does.
        file: the cassette.
    """

    aliases: tuple[str, ...]
    remove: tuple[str, ...]
    file: Path


def require(alias: object, where: str) -> None:
    """Raise a ValueError if an alias has no entry in `settings.UPSTREAMS`."""
    if alias not in configured():
        names = suggestion(str(alias), configured())
        raise ValueError(f"{where}: upstream {alias} is not in settings.UPSTREAMS; {names}")


def require_recording(aliases: list[str], option: str) -> None:
    """Raise a ValueError if these upstreams cannot be recorded here.

    Args:
        aliases: of the upstreams.
        option: by which somebody asks for it.
    """
    if aliases and os.environ.get("CI"):
        raise ValueError(
            f"{option} reaches the real upstream, and CI is set; record on your machine and commit the files"
        )
    if aliases and find_spec("yaml") is None:
        raise ValueError(needed(option, "cassettes"))
    for alias in aliases:
        require(alias, option)


def file_beside(module: Path, name: str) -> Path:
    """Return the cassette of a test: `cassettes/<module>/<class>.<test>.yaml` beside its module."""
    safe = UNSAFE.sub("_", name)[:LONGEST]
    if safe != name:  # of two parameters, both may look the same now
        digest = hashlib.sha256(name.encode()).hexdigest()[:8]
        safe = f"{safe.rstrip('_')}-{digest}"
    return module.parent / "cassettes" / module.stem / f"{safe}.yaml"
