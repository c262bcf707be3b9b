"""What the lifespan opens after the upstreams, and closes before them: producers, models, caches of your own."""

from collections.abc import Callable

from server.lifespan import Manager
from worker.broker import released

# Functions that return a context manager, async or sync.
RESOURCES: list[Callable[[], Manager]] = [released]
