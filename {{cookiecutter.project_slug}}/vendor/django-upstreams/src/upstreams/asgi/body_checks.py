"""System checks of the limits of request bodies."""

from typing import Any

from django.conf import global_settings, settings
from django.core import checks

from upstreams import conf


@checks.register("upstreams")
def bodies_have_one_limit(**_: Any) -> list[checks.CheckMessage]:
    """Warn of two limits for a body, where the project has set one of them."""
    limit, of_django = conf.parse()[0].limits.max_body_size, settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    is_set = of_django != global_settings.DATA_UPLOAD_MAX_MEMORY_SIZE or limit != conf.Limits().max_body_size
    if limit == of_django or not is_set:
        return []
    what = f"DATA_UPLOAD_MAX_MEMORY_SIZE is {of_django}, and MAX_BODY_SIZE of UPSTREAMS_LIMITS {limit}"
    hint = "The smaller one is the limit of JSON and forms. Write the same figure twice."
    return [checks.Warning(what, hint=hint, id="upstreams.W012")]


@checks.register("upstreams")
def all_bodies_hold_one(**_: Any) -> list[checks.CheckMessage]:
    """Check that the largest body fits into the limit of all bodies together."""
    limits = conf.parse()[0].limits
    if limits.max_body_size <= limits.max_total_body_size:
        return []
    message = (
        f"UPSTREAMS_LIMITS: MAX_TOTAL_BODY_SIZE, {limits.max_total_body_size} bytes, must be at least"
        f" MAX_BODY_SIZE, {limits.max_body_size}"
    )
    return [checks.Error(message, id="upstreams.E013")]
