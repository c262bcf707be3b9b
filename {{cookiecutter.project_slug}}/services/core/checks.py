"""What `manage.py check` says about upstreams, and what therefore stops a boot."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from services.core import connections
from services.core.definitions import meant, parse


@register("services")
def definitions_are_valid(**_: Any) -> list[CheckMessage]:
    """Every entry of `settings.UPSTREAMS` can be used as it stands."""
    return [Error(problem, id="services.E001") for problem in parse(settings.UPSTREAMS)[1]]


@register("services")
def totals_fit_into_requests(**_: Any) -> list[CheckMessage]:
    """A call ends before the request that it is made for."""
    longest = settings.TIMEOUTS["REQUEST"]
    return [
        Error(
            f'UPSTREAMS["{alias}"]["TOTAL"]: {definition.total:.3g} s must be less than TIMEOUTS["REQUEST"],'
            f" {longest:.3g} s",
            id="services.E003",
        )
        for alias, definition in parse(settings.UPSTREAMS)[0].items()
        if definition.total >= longest
    ]


@register("services")
def upstreams_are_defined(**_: Any) -> list[CheckMessage]:
    """Every upstream object has its entry in `settings.UPSTREAMS`."""
    return [
        Error(
            f"{upstream!r}: not in settings.UPSTREAMS; {meant(alias, settings.UPSTREAMS)}", id="services.E002"
        )
        for alias, upstream in connections.upstreams.items()
        if alias not in settings.UPSTREAMS
    ]
