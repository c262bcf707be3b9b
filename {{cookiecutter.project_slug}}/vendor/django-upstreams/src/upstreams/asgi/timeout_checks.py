"""System checks of timeouts: each is longer than those it contains, also where a view has a time of its own."""

from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.urls import URLPattern, URLResolver, get_resolver

from upstreams import conf
from upstreams.clients.request_times import times_of_views
from upstreams.core.keys import suggestion
from upstreams.core.request_timeout import key_of_route


@checks.register("upstreams")
def timeouts_contain_each_other(**_: Any) -> list[checks.CheckMessage]:
    """Check that every timeout is longer than the timeouts it contains."""
    timeouts, limits = conf.parse()[0].timeouts, conf.parse()[0].limits
    ending = (
        timeouts.shutdown_delay + timeouts.graceful_shutdown + timeouts.client_drain + timeouts.client_close
    )
    rules = [
        (
            "E010",
            timeouts.request <= timeouts.graceful_shutdown,
            "GRACEFUL_SHUTDOWN must be at least REQUEST",
        ),
        *(
            ("E010", False, f"GRACEFUL_SHUTDOWN must be at least {seconds:.3g}, the time of {place}")
            for place, seconds in times_of_views().items()
            if seconds > timeouts.graceful_shutdown
        ),
        (
            "E011",
            ending < timeouts.termination_grace_period,
            (
                "TERMINATION_GRACE_PERIOD must be more than"
                f" SHUTDOWN_DELAY + GRACEFUL_SHUTDOWN + CLIENT_DRAIN + CLIENT_CLOSE, {ending:.3g} s"
            ),
        ),
        (
            "E015",
            not 0 < timeouts.stuck_requests_exit < timeouts.shutdown_delay,
            "STUCK_REQUESTS_EXIT must be at least SHUTDOWN_DELAY, or 0",
        ),
        ("E012", limits.body_timeout < timeouts.request, "REQUEST must be more than BODY_TIMEOUT"),
    ]
    return [
        checks.Error(f"UPSTREAMS_TIMEOUTS: {message}", id=f"upstreams.{code}")
        for code, holds, message in rules
        if not holds
    ]


@checks.register("upstreams")
def routes_with_timeouts_exist(**_: Any) -> list[checks.CheckMessage]:
    """Check that each name in `UPSTREAMS_REQUEST_TIMEOUTS` is that of a route."""
    named = conf.parse()[0].request_timeouts
    known = set(_view_names(get_resolver())) if named else set()
    return [
        checks.Error(
            f"{key_of_route(name)}: no route has this name; {suggestion(name, known)}", id="upstreams.E014"
        )
        for name in named
        if name not in known
    ]


def _view_names(
    resolver: URLResolver, namespaces: tuple[str, ...] = (), above: tuple[Any, ...] = ()
) -> Iterator[str]:
    """Yield what `ResolverMatch.view_name` may be below a resolver."""
    for route in resolver.url_patterns:
        if isinstance(route, URLPattern):
            yield ":".join([*namespaces, route.name or route.lookup_str])
        elif route not in above:  # a URLconf may include itself
            inner = (*namespaces, route.namespace) if route.namespace else namespaces
            yield from _view_names(route, inner, (*above, route))
