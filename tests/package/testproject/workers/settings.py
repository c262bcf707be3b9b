"""Settings of the workers that tasks/ starts: a quicker pace."""

import os

from testproject.settings import *

TASKS = {
    "default": {
        "BACKEND": "upstreams.tasks.database.backend.DatabaseBackend",
        "OPTIONS": {"MAX_ATTEMPTS": 3, "BACKOFF": 0.02, "LEASE": 1.5},
    }
}
UPSTREAMS_TIMEOUTS = UPSTREAMS_TIMEOUTS | {"GRACEFUL_SHUTDOWN": float(os.environ.get("GRACE", "20"))}
UPSTREAMS_SCHEDULE = dict.fromkeys(os.environ.get("RECURS", "").split(), 3600)
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "upstreams.E010"]  # no request comes here
