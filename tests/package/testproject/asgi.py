"""What `manage.py serve` runs."""

import os

from upstreams import open_clients
from upstreams.asgi.application import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "testproject.settings")
application = get_asgi_application(lifespan=[open_clients])
