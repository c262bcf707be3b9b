"""The names of upstreams in `settings.UPSTREAMS`."""

import re
from typing import Any

ALIAS = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def refused_alias(path: str, name: Any) -> str:
    """Return the sentence for a name that is no alias, with one that is, if there is one like it."""
    near = re.sub("[^a-z0-9]+", "_", re.sub("([a-z0-9])([A-Z])", r"\1_\2", str(name)).lower()).strip("_")
    such = f", such as {near}" if ALIAS.fullmatch(near) else ""
    return f"{path}: an alias is lower-case letters, digits and single underscores{such}"
