"""The health checks that readiness depends on."""

from collections.abc import Awaitable, Callable

from upstreams.clients import registry
from upstreams.clients.upstream import Upstream
from upstreams.core.definition import configured


def required() -> dict[str, Callable[[], Awaitable[None]]]:
    """Return alias -> `health_check` for each upstream that is `REQUIRED`."""
    aliases = [alias for alias, definition in configured().items() if definition.required]
    return {alias: (registry.upstreams.get(alias) or Upstream(alias)).health_check for alias in aliases}
