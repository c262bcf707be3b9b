"""What this process knows about each upstream, from the calls that it has made. To ask sends nothing."""

from dataclasses import dataclass
from typing import Literal, get_args

from django.conf import settings

from upstreams.clients import registry
from upstreams.core.aliases import aliases
from upstreams.core.definition import parse_settings
from upstreams.core.httpx import Transport
from upstreams.policies.base import policies_of
from upstreams.policies.circuit_breaker import CircuitBreaker

Health = Literal["circuit open", "circuit half open", "failing", "reachable", "unknown", "misconfigured"]
# The worst first: a process may have several event loops, each with a client of its own.
HEALTHS: tuple[Health, ...] = get_args(Health)
CIRCUITS: dict[str, Health] = {"open": "circuit open", "half_open": "circuit half open"}


@dataclass(frozen=True)
class UpstreamState:
    """One entry of `settings.UPSTREAMS` at this moment.

    Args:
        alias: its key.
        address: `BASE_URL`, which has no user and no query; empty if the entry is misconfigured, so that they are not shown.
        health: `failing` and `reachable` are of the last call; `unknown` means that there was none.
        required: whether `/readyz` depends on it.
    """

    alias: str
    address: str
    health: Health
    required: bool


def upstream_states() -> list[UpstreamState]:
    """Return the state of every upstream, in the order of the settings; also of entries that are wrong."""
    configured = getattr(settings, "UPSTREAMS", {})
    definitions, _ = parse_settings()
    clients = registry.all_clients()
    states = []
    for alias in aliases(configured):
        if (definition := definitions.get(alias)) is None:
            states.append(UpstreamState(str(alias), "", "misconfigured", required=False))
            continue
        found = [health_of(owner.by_alias[alias]) for owner in clients if alias in owner.by_alias]
        health: Health = min(found, key=HEALTHS.index, default="unknown")
        states.append(UpstreamState(alias, definition.base_url, health, definition.required))
    return states


def health_of(client: Transport) -> Health:
    """Return what the calls of one client have shown."""
    (breaker,) = (policy for policy in policies_of(client) if isinstance(policy, CircuitBreaker))
    if breaker.state in CIRCUITS:
        return CIRCUITS[breaker.state]
    succeeded = breaker.last_call_succeeded
    return "unknown" if succeeded is None else "reachable" if succeeded else "failing"
