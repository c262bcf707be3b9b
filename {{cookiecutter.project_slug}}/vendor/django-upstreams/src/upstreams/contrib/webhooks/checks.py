"""System checks of webhooks: that their sources are in the settings, and that a crash loses no task."""

from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.db import router
from django.urls import URLPattern, URLResolver, get_resolver

from upstreams import conf
from upstreams.contrib.webhooks import decorators
from upstreams.contrib.webhooks.models import ReceivedWebhook

MAX_NAME = 100
"""Characters of a source, as the table has them."""


@checks.register("upstreams")
def sources_are_known(**_: Any) -> list[checks.CheckMessage]:
    """Check that `UPSTREAMS_WEBHOOKS` has each source that a view names."""
    found, problems = conf.parse()
    if problems:  # reported by another check
        return []
    named = set(_sources(get_resolver()))
    messages = [decorators.unknown(name) for name in sorted(named - found.webhooks.keys())]
    messages += [
        f"UPSTREAMS_WEBHOOKS: a name has at most {MAX_NAME} characters, not {len(name)}"
        for name in found.webhooks
        if len(name) > MAX_NAME
    ]
    return [checks.Error(message, id="upstreams.E036") for message in messages]


@checks.register("upstreams")
def tasks_are_committed_with_ids(**_: Any) -> list[checks.CheckMessage]:
    """Warn of a queue to which tasks are sent after the commit: a crash in between loses the task of a known id."""
    if find_spec("django.tasks") is None:  # Django 5.2
        return []
    if not conf.parse()[0].webhooks:
        return []
    from django.tasks import task_backends

    alias = router.db_for_write(ReceivedWebhook)
    messages = []
    with suppress(ImproperlyConfigured):  # reported by Django
        for backend in task_backends.all():
            # Of `RetryingBackend`, which this room does not import; other backends say nothing about it.
            stores_in = getattr(backend, "stores_in", None)
            if stores_in is None or (database := stores_in()) == alias:
                continue
            where = f'is in the database "{database}"' if database else "sends tasks after the commit"
            instead = f'keep it in "{alias}"' if database else 'set its option "OUTBOX": True'
            messages.append(
                f'TASKS["{backend.alias}"]: {where}, and webhooks are recorded in "{alias}": a crash in between loses '
                f"the task of a webhook that counts as received; {instead}"
            )
    return [checks.Warning(message, id="upstreams.W014") for message in messages]


def _sources(resolver: URLResolver) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            source = getattr(pattern.callback, decorators.SOURCE, None)
            yield from [source] if source is not None else []
        else:
            yield from _sources(pattern)
