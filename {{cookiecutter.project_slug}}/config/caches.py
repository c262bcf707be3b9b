"""Where cached values are kept."""

from typing import Any, Self
from urllib.parse import urlsplit

from config import variables


class RedisUrl(str):
    """Where Redis is, or an empty text."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        try:
            url = urlsplit(value)
            is_good = url.scheme in ("redis", "rediss") and bool(url.hostname) and url.port != 0
            is_good = is_good and (url.path.removeprefix("/") or "0").isdecimal()
        except ValueError:  # its message may hold a part of the password
            is_good = False
        if value and not is_good:
            raise ValueError(
                "write redis://:password@host:6379/0, with %2F for a slash in the password, or rediss://"
            )
        return super().__new__(cls, value)


class Variables(variables.Variables, frozen=True):
    """Those of the cache."""

    cache_url: RedisUrl = RedisUrl("")
    """Redis, `redis://` or with TLS `rediss://`; without it, each process has a cache of its own."""


def at(url: str) -> dict[str, dict[str, Any]]:
    """`CACHES`, for a URL of Redis or none."""
    if not url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options = {
        "pool_class": "server.redis.SharedPool",
        "max_connections": 2**31 - 1,  # LIMITS bound how many are in use at once; redis-py would stop at 100
        # A cache that is slower than this is none: seconds, and twice, for a kept connection may have died.
        "socket_connect_timeout": 0.5,
        "socket_timeout": 0.5,
        "retry": Retry(NoBackoff(), 1),
    }
    backend = "django.core.cache.backends.redis.RedisCache"
    return {"default": {"BACKEND": backend, "LOCATION": url, "OPTIONS": options}}


CACHES = at(variables.parsed(Variables).cache_url)
