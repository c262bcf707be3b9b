"""Types for environment variables that hold the URL of a server."""

from typing import ClassVar, Self
from urllib.parse import urlsplit


class ServerUrl(str):
    """A URL with a host, or an empty string.

    Attributes:
        schemes: the allowed ones.
        example: URLs for the error message.
    """

    __slots__ = ()
    schemes: ClassVar[tuple[str, ...]]
    example: ClassVar[str]

    def __new__(cls, value: str) -> Self:
        try:
            url = urlsplit(value)
            fits = url.scheme in cls.schemes and bool(url.hostname) and url.port != 0
            if url.scheme in ("redis", "rediss"):
                fits = fits and (url.path.removeprefix("/") or "0").isdecimal()
        except ValueError:  # its message may contain a part of the password
            fits = False
        if value and not fits:
            raise ValueError(f"write {cls.example}, with %2F for a slash in the password")
        return super().__new__(cls, value)


class RedisUrl(ServerUrl):
    """The URL of Redis or Valkey."""

    __slots__ = ()
    schemes = ("redis", "rediss")
    example = "redis://:password@host:6379/0 or rediss:// for TLS"


class BrokerUrl(ServerUrl):
    """The URL of the message broker, RabbitMQ or Redis."""

    __slots__ = ()
    schemes = ("amqp", "amqps", "redis", "rediss")
    example = "amqp://user:password@host:5672/vhost or redis://:password@host:6379/0"


class SmtpUrl(ServerUrl):
    """The URL of a mail server."""

    __slots__ = ()
    schemes = ("smtp", "smtp+tls", "smtps")
    example = "smtp+tls://user:password@host:587 or smtps:// for TLS from the start"
