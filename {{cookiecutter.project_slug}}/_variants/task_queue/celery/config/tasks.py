"""Where background tasks wait, and how often they are tried."""

from typing import Self
from urllib.parse import urlsplit

from config import env as environment
from config import variables

APPS: list[str] = []


class BrokerUrl(str):
    """Where the broker is, or an empty text."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        schemes = ("amqp", "amqps", "redis", "rediss")
        try:
            url = urlsplit(value)
            is_good = url.scheme in schemes and bool(url.hostname) and url.port != 0
        except ValueError:  # its message may hold a part of the password
            is_good = False
        if value and not is_good:
            raise ValueError(
                "write amqp://user:password@host:5672/vhost or redis://:password@host:6379/0, "
                "with %2F for a slash in the password"
            )
        return super().__new__(cls, value)


class Variables(variables.Variables, frozen=True):
    """Those of the task queue."""

    broker_url: BrokerUrl = BrokerUrl("")
    """RabbitMQ, `amqp://` or `amqps://`, or Redis, `redis://` or `rediss://`."""


LOCAL = "amqp://guest:guest@127.0.0.1:5672//" if environment.read().debug else ""

TASKS = {
    "default": {
        "BACKEND": "worker.backend.CeleryBackend",
        "QUEUES": ["default"],  # all that `manage.py worker` looks at
        "OPTIONS": {
            "URL": variables.parsed(Variables).broker_url or LOCAL,
            "PREFIX": "",  # before the names of the queues, where services share a broker's virtual host
            "ATTEMPTS": 5,  # until a task has failed
            "BACKOFF": 10,  # seconds before the second attempt; doubled for each further one, up to 600
            "LEASE": 30,  # seconds after which a silent worker counts as dead
        },
    }
}
