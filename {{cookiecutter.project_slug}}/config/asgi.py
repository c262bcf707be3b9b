"""What the server runs: Django, wrapped in the layers of server/."""

import os

from django.conf import settings
from django.core.asgi import get_asgi_application

from server.access import Access
from server.lifespan import Lifespan
from server.probes import Probes
from services.core import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = Lifespan(
    Probes(Access(get_asgi_application()), connections.are_open),
    connections.opened,
    # Resources of your own: functions that return a context manager, async or sync.
    start=settings.TIMEOUTS["START"],
    close=settings.TIMEOUTS["DRAIN"] + settings.TIMEOUTS["CLOSE"],
)
