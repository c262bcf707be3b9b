"""The names of upstreams in `settings.UPSTREAMS`."""

import re
from collections.abc import Mapping
from typing import Any

DEFAULTS = "*"
"""The entry of `settings.UPSTREAMS` with the keys of all upstreams that do not set them."""
ALIAS = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def refused_alias(path: str, name: Any) -> str:
    """Return the sentence for a name that is no alias, with one that is, if there is one like it."""
    near = re.sub("[^a-z0-9]+", "_", re.sub("([a-z0-9])([A-Z])", r"\1_\2", str(name)).lower()).strip("_")
    such = f", such as {near}" if ALIAS.fullmatch(near) else ""
    return f"{path}: an alias is lower-case letters, digits and single underscores{such}"


def aliases(upstreams: Any) -> list[str]:
    """Return the aliases in a value of `settings.UPSTREAMS`, right or wrong, without the entry of defaults."""
    return [alias for alias in upstreams if alias != DEFAULTS] if isinstance(upstreams, Mapping) else []
