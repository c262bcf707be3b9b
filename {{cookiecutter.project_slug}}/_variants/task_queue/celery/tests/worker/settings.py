"""Settings of the workers that tests/worker/ starts: a quicker pace, and queues of their own."""

import os

from tests.settings import *

TASKS = {
    "default": {
        "BACKEND": "worker.backend.CeleryBackend",
        "OPTIONS": {
            "URL": os.environ.get("BROKER_URL", "amqp://nowhere.test//"),
            "PREFIX": os.environ.get("BROKER_PREFIX", ""),
            "ATTEMPTS": 3,
            "BACKOFF": 0.02,
            "LEASE": 3,
        },
    }
}
TIMEOUTS = TIMEOUTS | {"SERVER_GRACE": 8}
SCHEDULE = dict.fromkeys(os.environ.get("RECURS", "").split(), 3600)
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "server.E010"]  # no request comes here
