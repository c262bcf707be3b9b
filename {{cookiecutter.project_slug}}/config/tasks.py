"""Where background tasks wait, and how often they are attempted."""

APPS = ["django_tasks_db", "upstreams.tasks.database"]

# One attempt may take any time: its worker renews the LEASE for as long as it lives.
TASKS = {
    "default": {
        "BACKEND": "upstreams.tasks.database.backend.DatabaseBackend",
        "OPTIONS": {
            "MAX_ATTEMPTS": 5,  # before a task has failed
            "BACKOFF": 10,  # seconds before the second attempt; doubled for each further one, up to 600
            "LEASE": 30,  # seconds after which a silent worker counts as dead
        },
    }
}
