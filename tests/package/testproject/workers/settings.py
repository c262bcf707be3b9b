"""Settings of the workers that tasks/ starts: a quicker pace, and half of the time to import them."""

import os

from testproject.settings import *

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django_tasks_db",
    "upstreams",
    "upstreams.tasks.database",
    "upstreams.tasks.schedule",
    "testproject",
    "testproject.favourites",
]
MIDDLEWARE: list[str] = []
ROOT_URLCONF = "testproject.workers.urls"
TASKS = {
    "default": {
        "BACKEND": "upstreams.tasks.database.backend.DatabaseBackend",
        "OPTIONS": {"MAX_ATTEMPTS": 3, "BACKOFF": 0.02, "LEASE": 1.5},
    }
}
UPSTREAMS_TIMEOUTS = UPSTREAMS_TIMEOUTS | {"GRACEFUL_SHUTDOWN": float(os.environ.get("GRACE", "20"))}
UPSTREAMS_SCHEDULE = dict.fromkeys(os.environ.get("RECURS", "").split(), 3600)
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "upstreams.E010"]  # no request comes here
