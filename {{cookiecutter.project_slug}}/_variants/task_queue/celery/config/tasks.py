"""Where background tasks wait, and how often they are attempted."""

from config.env import env

APPS = ["upstreams.tasks.celery"]

LOCAL = "amqp://guest:guest@127.0.0.1:5672//" if env.debug else ""

# One attempt may take any time: its worker renews the LEASE for as long as it lives.
TASKS = {
    "default": {
        "BACKEND": "upstreams.tasks.celery.backend.CeleryBackend",
        "QUEUES": ["default"],  # all that `manage.py worker` consumes
        "OPTIONS": {
            "URL": env.broker_url or LOCAL,
            "PREFIX": "",  # of the queues' names, where services share a virtual host of the broker
            "OUTBOX": True,  # tasks wait in the database until a worker has sent them: part of its transactions
            "MAX_ATTEMPTS": 5,  # before a task has failed
            "BACKOFF": 10,  # seconds before the second attempt; doubled for each further one, up to 600
            "LEASE": 30,  # seconds after which a silent worker counts as dead
        },
    }
}
