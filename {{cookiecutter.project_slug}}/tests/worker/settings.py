"""Settings of the workers that tests/worker/ starts: a quicker pace."""

import os

from tests.settings import *

TASKS = {
    "default": {
        "BACKEND": "worker.backend.DatabaseBackend",
        "OPTIONS": {"ATTEMPTS": 3, "BACKOFF": 0.02, "LEASE": 1.5},
    }
}
TIMEOUTS = TIMEOUTS | {"SERVER_GRACE": 1}
SCHEDULE = dict.fromkeys(os.environ.get("RECURS", "").split(), 3600)
SILENCED_SYSTEM_CHECKS = [*SILENCED_SYSTEM_CHECKS, "server.E010"]  # no request comes here
