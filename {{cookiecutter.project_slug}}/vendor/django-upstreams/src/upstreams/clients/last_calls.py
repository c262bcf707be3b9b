"""The last calls of each upstream, which are remembered under DEBUG alone."""

from collections.abc import Callable
from datetime import datetime

from upstreams.clients import registry
from upstreams.core.request_trace import CallTrace
from upstreams.policies.base import policies_of
from upstreams.policies.call_traces import TraceCall


def last_call(alias: str) -> CallTrace | None:
    """Return the last call of an upstream that this process has made."""
    return _latest(alias, lambda policy: policy.last)


def last_failed_call(alias: str) -> CallTrace | None:
    """Return the last one that raised an error."""
    return _latest(alias, lambda policy: policy.last_failed)


def _latest(alias: str, which: Callable[[TraceCall], CallTrace | None]) -> CallTrace | None:
    clients = [owner.by_alias[alias] for owner in registry.all_clients() if alias in owner.by_alias]
    outermost = [next(policies_of(client)) for client in clients]
    calls = [which(policy) for policy in outermost if isinstance(policy, TraceCall)]
    return max((call for call in calls if call is not None), key=_began, default=None)


def _began(call: CallTrace) -> datetime:
    return call.at
