"""Applies `UPSTREAMS_REQUEST_TIMEOUTS` once a request has its route, before its view is called."""

from django.urls import ResolverMatch

from upstreams import conf
from upstreams.core import context
from upstreams.core.request_timeout import key_of_route


def apply(match: ResolverMatch) -> None:
    """Move the deadline of the current request, if the setting has the name of its route."""
    if timeouts := conf.current().request_timeouts:
        seconds, deadline = timeouts.get(match.view_name), context.deadline.get()
        if seconds is not None and deadline is not None:
            deadline.move(seconds, key_of_route(match.view_name), fixed=True)
