"""Keeps connections of Django's cache to Redis from one request to the next."""

from typing import Any, ClassVar

from redis import ConnectionPool


class SharedPool(ConnectionPool):
    """One pool for each URL of this process. Django makes a client for each request, and would make a pool with it."""

    pools: ClassVar[dict[str, "SharedPool"]] = {}

    @classmethod
    def from_url(cls, url: str, **options: Any) -> "SharedPool":
        """Return the pool of a URL. The options are used only when it is made."""
        found = cls.pools.get(url)
        return cls.pools.setdefault(url, super().from_url(url, **options)) if found is None else found
