"""System checks of limits in bytes: of request bodies, and of all that clients can make a process hold."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from django.conf import global_settings, settings
from django.core import checks

from upstreams import conf

MEMORY_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Files with the limit of a container: of cgroups 2 and 1."""
PROCESS_SIZE = 128 * 1024 * 1024
"""Bytes of a process that serves, without what its clients make it hold."""


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


@checks.register("upstreams")
def clients_fit_into_memory(**_: Any) -> list[checks.CheckMessage]:
    """Warn if clients can make the processes of a container hold more than its memory."""
    current = conf.parse()[0]
    needed, available = current.workers * memory_of(current.limits), _memory()
    if available is None or needed <= available:
        return []
    what = f"UPSTREAMS_LIMITS: {current.workers} processes may take {needed} bytes, and the container has {available}"
    hint = "Lower MAX_TOTAL_BODY_SIZE, which counts twice, or MAX_TOTAL_BUFFER_SIZE, or UPSTREAMS_WORKERS."
    return [checks.Warning(what, hint=hint, id="upstreams.W013")]


def memory_of(limits: conf.Limits) -> int:
    """Return the bytes that a process may take: a body is in memory as it came, and as what a view makes of it."""
    return PROCESS_SIZE + 2 * limits.max_total_body_size + limits.max_total_buffer_size


def _memory() -> int | None:
    for name in MEMORY_LIMITS:
        with suppress(OSError, ValueError):  # "max": there is no limit
            return int(Path(name).read_text())
    return None
