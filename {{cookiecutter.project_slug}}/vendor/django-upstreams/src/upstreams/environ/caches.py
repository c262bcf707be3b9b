"""`CACHES` from a URL."""

from importlib.util import find_spec
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from upstreams.core import extras


def caches_from_url(url: str) -> dict[str, dict[str, Any]]:
    """Return `CACHES` with one cache.

    Args:
        url: of Redis or Valkey, such as `redis://:password@host:6379/0`; if empty, each process has a cache in memory.

    Raises:
        ImproperlyConfigured: the extra `redis` is not installed.
    """
    if not url:
        return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    if find_spec("redis") is None:
        raise ImproperlyConfigured(extras.needed("CACHE_URL", "redis"))
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    options = {
        "pool_class": "upstreams.environ.redis_pool.SharedPool",
        # UPSTREAMS_LIMITS bound how many are in use at once; redis-py would stop at 100.
        "max_connections": 2**31 - 1,
        # Seconds: waiting longer for a cache costs more than a miss. One retry, because a kept connection may be dead.
        "socket_connect_timeout": 0.5,
        "socket_timeout": 0.5,
        "retry": Retry(NoBackoff(), 1),
    }
    backend = "django.core.cache.backends.redis.RedisCache"
    return {"default": {"BACKEND": backend, "LOCATION": url, "OPTIONS": options}}
