"""For the command line of Celery: `celery -A config beat`, `celery -A config inspect active`."""

import os

import django
from upstreams.tasks.celery.shared import get_app

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

app = get_app()
