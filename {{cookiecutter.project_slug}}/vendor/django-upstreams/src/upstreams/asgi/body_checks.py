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
