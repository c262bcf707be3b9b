"""Where upstreams with `SHARED` keep what all processes share: the Redis or Valkey of `settings.CACHES["default"]`."""

import re
from importlib.util import find_spec
from typing import Any, NamedTuple

from django.conf import settings

from upstreams.core.extras import needed

SCHEME = re.compile(r"(redis|rediss|unix|valkey|valkeys)://")
OPTIONS = {"db", "username", "password"}
"""Of `OPTIONS`, in whatever case; `ssl_…`, too. The others are those of the cache's own pool."""


class Location(NamedTuple):
    """Where the server is.

    Args:
        url: for redis-py.
        options: the rest of its address.
        prefix: `KEY_PREFIX` of the cache, which keeps services apart that share a server.
    """

    url: str
    options: tuple[tuple[str, Any], ...]
    prefix: str


def shares(definition: Any) -> bool:
    """Return whether an upstream has something that all processes share.

    Args:
        definition: a `Definition`.
    """
    return definition.shared and (definition.cache or definition.rate_limit is not None)


def location() -> Location | None:
    """Return where the server is; None if the default cache is kept elsewhere."""
    cache = settings.CACHES.get("default", {})
    found = cache.get("LOCATION") or ""
    # The first one of several is written to, by Django's cache, too.
    url = str((re.split("[;,]", found) if isinstance(found, str) else [*found, ""])[0])
    if not SCHEME.match(url):
        return None
    options = sorted((name.lower(), value) for name, value in cache.get("OPTIONS", {}).items())
    kept = tuple((name, value) for name, value in options if name in OPTIONS or name.startswith("ssl_"))
    return Location(re.sub("^valkey", "redis", url), kept, cache.get("KEY_PREFIX", ""))


def problem(name: str) -> str | None:
    """Return why nothing can be shared, as a sentence, or None.

    Args:
        name: of the key that asks for it, as messages name it.
    """
    if location() is None:
        backend = settings.CACHES.get("default", {}).get("BACKEND", "missing")
        return (
            f'{name}: needs Redis or Valkey as CACHES["default"], which is {backend}; set CACHE_URL, or '
            'write "SHARED": bool(env.cache_url) where some machines have none'
        )
    return needed(name, "redis") if find_spec("redis") is None else None
