"""What RabbitMQ knows by itself, and Redis has to be told: who holds a message, and whether its task had begun.

RabbitMQ takes back what was in the hands of a connection that is gone. kombu has Redis take back what is older than
`visibility_timeout`, be its worker dead or slow: the living renew what they hold.
"""

import time
from typing import Any

from worker.broker import Broker
from worker.message import Message

FORGET = 7 * 24 * 3600
"""Seconds after which an attempt that nobody has ended is forgotten."""


def has_begun(broker: Broker, message: Message, *, redelivered: bool) -> bool:
    """Whether this attempt has begun before, in a worker that did not end it; from now on, it has.

    Args:
        broker: where it came from.
        message: the attempt.
        redelivered: it was in the hands of a worker before.
    """
    if not broker.is_redis:
        return redelivered  # no worker holds more than it has begun
    with broker.connection() as connection:
        channel: Any = connection.default_channel
        # A worker also holds what is not due yet.
        return not channel.client.set(_key(message), 1, nx=True, ex=FORGET)


def end(broker: Broker, message: Message) -> None:
    """Nobody will ask for this attempt any more."""
    if broker.is_redis:
        with broker.connection() as connection:
            channel: Any = connection.default_channel
            channel.client.delete(_key(message))


def renew(channel: Any) -> None:
    """Keep all that this worker holds.

    Args:
        channel: where it gets its messages from.
    """
    held = list(channel.qos._delivered)
    if held:
        with channel.conn_or_acquire() as client:
            client.zadd(channel.unacked_index_key, dict.fromkeys(held, time.time()), xx=True)


def _key(message: Message) -> str:
    return f"begun:{message.id}:{message.attempt}"
