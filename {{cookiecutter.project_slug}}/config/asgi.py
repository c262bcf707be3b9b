"""What the server runs: Django, wrapped in the layers of server/."""

import os
from functools import partial

from django.conf import settings

from config.resources import RESOURCES
from server import cors, metrics, process, watchdog
from server.access import Access
from server.admission import Admission
from server.exchange import Limits
from server.executors import Executors
from server.flushing import flushed
from server.garbage import frozen
from server.handler import get_asgi_application
from server.lanes import Lanes
from server.leaving import Leaving
from server.lifespan import Lifespan
from server.metrics_page import MetricsPage
from server.probes import Probes
from server.readiness import Readiness
from server.static import Static
from server.traces import traced
from services.core import connections, pings, sampling

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

seconds, limits = settings.TIMEOUTS, settings.LIMITS

executors = Executors(get_asgi_application(), limits["IDLE_THREADS"])
# With DEBUG, config/urls.py takes them from the apps: what was once collected would be out of date.
static = executors if settings.DEBUG else Static(executors, settings.STATIC_ROOT, settings.STATIC_URL)
admission = Admission(
    static,
    Lanes(limits["UPLOADS"], limits["REQUESTS"], limits["STREAMS"]),
    Limits(seconds["REQUEST"], limits["BODY"], limits["BODY_TIME"]),
    drain=seconds["DRAIN"],
)
shared = cors.shared(admission, settings.CORS_ALLOWED_ORIGINS)
leaving = Leaving(traced(Access(shared)), seconds["LAG"], settings.LEAVING_FILE)
page = MetricsPage(leaving, token=settings.METRICS_TOKEN, public=settings.DEBUG, sample=sampling.sample)
readiness = Readiness(settings.REQUIRED_DATABASES, pings.required)


def is_ready() -> bool:
    """Whether a load balancer should send requests."""
    return not leaving.has_begun and connections.are_open() and readiness.is_good


application: Lifespan = Lifespan(
    Probes(page, is_ready),
    process.supervised,
    flushed,
    partial(leaving.noticed, lambda: application.stop_opening()),
    partial(watchdog.watched, seconds["BLOCKED"], seconds["GIVE_UP"], metrics.loop_lag),
    sampling.sampled,
    executors.kept,
    partial(connections.opened, admission.waited),
    readiness.kept,
    *RESOURCES,
    frozen,
    admission.emptied,
    start=seconds["START"],
    close=seconds["DRAIN"] + seconds["CLOSE"],
)
