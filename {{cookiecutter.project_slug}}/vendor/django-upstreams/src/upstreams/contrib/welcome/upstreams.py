"""The upstreams of the first page: their state, their last call, and the last one that failed."""

from time import perf_counter
from typing import Any

from django.utils.text import slugify
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from upstreams.clients.last_calls import last_call, last_failed_call
from upstreams.clients.states import Health, UpstreamState, upstream_states
from upstreams.contrib.waterfall.sentences import milliseconds, result
from upstreams.contrib.waterfall.summary import call_summary
from upstreams.core.request_trace import CallTrace

WORDS: dict[Health, Any] = {
    "circuit open": gettext_lazy("circuit open"),
    "circuit half open": gettext_lazy("circuit half open"),
    "failing": gettext_lazy("failing"),
    "reachable": gettext_lazy("reachable"),
    "unknown": gettext_lazy("unknown"),
    "misconfigured": gettext_lazy("misconfigured"),
}


def upstreams() -> list[dict[str, Any]]:
    """Return what the page shows of each upstream, in the order of the settings."""
    return [_shown(state) for state in upstream_states()]


def _shown(state: UpstreamState) -> dict[str, Any]:
    last, failed = last_call(state.alias), last_failed_call(state.alias)
    return {
        "alias": state.alias,
        "address": state.address,
        "health": WORDS[state.health],
        "kind": slugify(state.health),
        "last": _described(last),
        "failed": "" if failed is last else _described(failed),
        "message": failed.message if failed else "",
    }


def _described(call: CallTrace | None) -> str:
    """Return a call as `GET rates/{currency}: 503 after 12 ms, at 14:05:09`; empty if there was none."""
    if call is None:
        return ""
    found = call_summary(call, call.began, perf_counter())
    return _("%(method)s %(path)s: %(result)s after %(time)s, at %(clock)s") % {
        "method": call.method,
        "path": call.path or "/",
        "result": result(found),
        "time": milliseconds(found["duration_ms"]),
        "clock": f"{localtime(call.at):%H:%M:%S}",
    }
