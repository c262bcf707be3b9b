"""What `manage.py serve` runs. The list is yours; the order of the layers around Django is the package's."""

import os

from upstreams.asgi.application import get_asgi_application

import services

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_asgi_application(
    lifespan=[
        services.clients,  # the shared clients of settings.UPSTREAMS: first to open, last to close
        # Context managers of your own: producers, caches, models.
    ],
)
