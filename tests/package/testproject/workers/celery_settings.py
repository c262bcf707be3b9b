"""Settings of the workers that tasks/celery/ starts: a quicker pace, and queues of their own."""

import os

from testproject.workers.settings import *

INSTALLED_APPS = [*INSTALLED_APPS, "upstreams.tasks.celery"]
TASKS = {
    "default": {
        "BACKEND": "upstreams.tasks.celery.backend.CeleryBackend",
        "OPTIONS": {
            "URL": os.environ.get("BROKER_URL", "amqp://nowhere.test//"),
            "PREFIX": os.environ.get("BROKER_PREFIX", ""),
            "MAX_ATTEMPTS": 3,
            "BACKOFF": 0.02,
            "LEASE": 3,
            "OUTBOX": "OUTBOX" in os.environ,
        },
    }
}
CELERY_IMPORTS = ["testproject.workers.shared"]
CELERY_BEAT_SCHEDULE = {"add": {"task": "testproject.workers.shared.add", "schedule": 0.2, "args": [1, 2]}}
if "EVENTS" in os.environ:
    CELERY_WORKER_SEND_TASK_EVENTS = CELERY_WORKER_ENABLE_REMOTE_CONTROL = True
if "TIME_LIMIT" in os.environ:
    CELERY_TASK_TIME_LIMIT = float(os.environ["TIME_LIMIT"])
