"""What readiness asks: the upstreams without which this service cannot serve."""

from collections.abc import Awaitable, Callable

from services.core import connections
from services.core.definitions import configured
from services.core.upstream import Upstream


def required() -> dict[str, Callable[[], Awaitable[None]]]:
    """Alias -> `ping`, of each upstream whose definition says `REQUIRED`."""
    aliases = [alias for alias, definition in configured().items() if definition.required]
    return {alias: (connections.upstreams.get(alias) or Upstream(alias)).ping for alias in aliases}
