"""How long requests may take, for the system checks that compare it with other times."""

from upstreams import conf
from upstreams.core import request_timeout
from upstreams.core.request_deadline import REQUEST_TIMEOUT


def times_of_views() -> dict[str, float]:
    """Return the seconds of each view that has a time of its own, by the place that says so."""
    by_route = conf.parse()[0].request_timeouts
    return {
        **{f"request_timeout in {place}": seconds for place, seconds in request_timeout.declared.items()},
        **{request_timeout.key_of_route(name): seconds for name, seconds in by_route.items()},
    }


def longest_request() -> tuple[str, float]:
    """Return what allows a request the longest time, and its seconds."""
    times = {REQUEST_TIMEOUT: conf.parse()[0].timeouts.request, **times_of_views()}
    return max(times.items(), key=lambda item: item[1])
