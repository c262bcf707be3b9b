"""Settings of a project that changes its queue from the database to Celery, and back. STAGE says where it is."""

import os

from testproject.workers.settings import *

STAGE = os.environ["STAGE"]
PACE = {"MAX_ATTEMPTS": 3, "BACKOFF": 0.02, "LEASE": 1.5}
DATABASE = {"BACKEND": "upstreams.tasks.database.DatabaseBackend", "OPTIONS": PACE}
LEFT_IN_DATABASE = {**DATABASE, "OPTIONS": {**PACE, "ENQUEUED_AS": "default"}}
CELERY = {
    "BACKEND": "upstreams.tasks.celery.CeleryBackend",
    "OPTIONS": {**PACE, "URL": os.environ["BROKER_URL"], "PREFIX": os.environ["BROKER_PREFIX"]},
}
TASKS = {
    "database": {"default": DATABASE},
    "to celery": {"default": CELERY, "old": LEFT_IN_DATABASE},
    "celery": {"default": CELERY},
    "to database": {"default": DATABASE, "old": CELERY},
}[STAGE]
UNUSED = {"database": {"upstreams.tasks.celery"}, "celery": {"upstreams.tasks.database", "django_tasks_db"}}
INSTALLED_APPS = [
    app for app in (*INSTALLED_APPS, "upstreams.tasks.celery") if app not in UNUSED.get(STAGE, ())
]
