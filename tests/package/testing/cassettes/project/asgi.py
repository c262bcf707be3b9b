"""The ASGI application."""

import os

from upstreams.asgi.application import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
application = get_asgi_application()
