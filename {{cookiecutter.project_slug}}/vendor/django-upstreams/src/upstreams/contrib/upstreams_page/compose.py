"""Makes the content of the page of what the workers have sent."""

import socket
import time
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from upstreams import conf
from upstreams.contrib.upstreams_page.charts import Charts
from upstreams.contrib.upstreams_page.content import Cell, Content
from upstreams.contrib.upstreams_page.counters import BOUNDS
from upstreams.contrib.upstreams_page.parts import upstream_part
from upstreams.contrib.upstreams_page.words import clock, number
from upstreams.contrib.upstreams_page.workers import Worker
from upstreams.core.definition import configured


def compose(workers: Sequence[Worker], charts: Charts) -> Content:
    """Return what the page shows, in the active language."""
    parts = [
        upstream_part(f"u-{definition.alias}", definition, workers, charts, BOUNDS)
        for definition in configured().values()
    ]
    return Content(_notes(workers), parts)


def _notes(workers: Sequence[Worker]) -> list[Cell]:
    responding = [one for one in workers if one.condition == "responds" and one.state is not None]
    living = [one for one in workers if one.condition != "ended"]
    text = ngettext(
        "%(found)s of %(all)s worker process of %(host)s responds.",
        "%(found)s of %(all)s worker processes of %(host)s respond.",
        len(living),
    ) % {"found": number(len(responding)), "all": number(len(living)), "host": socket.gethostname()}
    if (replicas := conf.current().replicas) > 1:
        text += " " + _("The service has %(number)s replicas, each with a page of its own.") % {
            "number": number(replicas)
        }
    since = min((one.samples[0].at for one in responding if one.samples), default=time.time())
    collected = _("Collected while somebody looks, since %(time)s.") % {"time": clock(since)}
    return [
        Cell("n-workers", text, "" if len(responding) == len(living) else "bad"),
        Cell("n-since", collected),
    ]
