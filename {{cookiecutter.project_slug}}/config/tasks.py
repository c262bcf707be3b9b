"""Where background tasks wait, and how often they are tried."""

APPS = ["django_tasks_db"]

# One attempt may take any time: while its worker lives, it renews the LEASE.
TASKS = {
    "default": {
        "BACKEND": "worker.backend.DatabaseBackend",
        "OPTIONS": {
            "ATTEMPTS": 5,  # until a task has failed
            "BACKOFF": 10,  # seconds before the second attempt; doubled for each further one, up to 600
            "LEASE": 30,  # seconds after which a silent worker counts as dead
        },
    }
}
