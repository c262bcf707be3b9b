"""System checks of `settings.UPSTREAMS`; `manage.py serve` runs them before it starts."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from upstreams.clients import registry
from upstreams.clients.request_times import longest_request
from upstreams.core.aliases import aliases
from upstreams.core.definition import parse_settings
from upstreams.core.keys import suggestion


@register("upstreams")
def definitions_are_valid(**_: Any) -> list[CheckMessage]:
    """Check that every entry of `settings.UPSTREAMS` is valid."""
    return [Error(problem, id="upstreams.E001") for problem in parse_settings()[1]]


@register("upstreams")
def timeouts_fit_into_requests(**_: Any) -> list[CheckMessage]:
    """Check that a call ends before the request that makes it."""
    place, longest = longest_request()
    return [
        Error(
            f'UPSTREAMS["{alias}"]["TIMEOUT"]: {definition.timeout:.3g} s must be less than {place},'
            f" {longest:.3g} s",
            hint="Lower it, or raise REQUEST, and with it GRACEFUL_SHUTDOWN and TERMINATION_GRACE_PERIOD.",
            id="upstreams.E003",
        )
        for alias, definition in parse_settings()[0].items()
        if definition.timeout >= longest
    ]


@register("upstreams")
def upstreams_are_defined(**_: Any) -> list[CheckMessage]:
    """Check that every `Upstream` object has an entry in `settings.UPSTREAMS`."""
    return [
        Error(
            f"{upstream!r}: not in settings.UPSTREAMS; {suggestion(alias, aliases(_upstreams()))}",
            id="upstreams.E002",
        )
        for alias, upstream in registry.upstreams.items()
        if alias not in aliases(_upstreams())
    ]


def _upstreams() -> Any:
    return getattr(settings, "UPSTREAMS", {})
