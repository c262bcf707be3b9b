"""Which worker holds a message, and whether its attempt had started: RabbitMQ knows both, Redis does not.

RabbitMQ takes back the messages of a connection that is gone. On Redis, kombu takes back every message older than
`visibility_timeout`, whether its worker is dead or slow; therefore living workers renew the messages that they hold.
"""

import time
from typing import Any

from upstreams.tasks.celery.broker import Broker
from upstreams.tasks.celery.message import Message

STARTED_EXPIRY = 7 * 24 * 3600
"""Seconds after which Redis forgets that an attempt started, if no worker finished it."""


def start(broker: Broker, message: Message, *, redelivered: bool) -> bool:
    """Record that this attempt starts; return False if it had started before, in a worker that did not finish it.

    Args:
        broker: where the message came from.
        message: the attempt.
        redelivered: the broker had delivered the message to a worker before.
    """
    if not broker.is_redis:
        return not redelivered  # no worker holds more messages than it has started
    with broker.connection() as connection:
        channel: Any = connection.default_channel
        # `redelivered` is no proof here: workers also hold messages that are not due yet.
        return bool(channel.client.set(_key(message), 1, nx=True, ex=STARTED_EXPIRY))


def finish(broker: Broker, message: Message) -> None:
    """Forget that this attempt started."""
    if broker.is_redis:
        with broker.connection() as connection:
            channel: Any = connection.default_channel
            channel.client.delete(_key(message))


def renew(channel: Any) -> None:
    """Renew every message that this worker holds.

    Args:
        channel: the one that receives the worker's messages.
    """
    # Private: QoS._delivered, Channel.unacked_index_key, Channel.conn_or_acquire (kombu 5.7): no public way to renew.
    # test_a_slow_task_is_not_taken_for_a_dead_one fails without it.
    held = list(channel.qos._delivered)
    if held:
        with channel.conn_or_acquire() as client:
            client.zadd(channel.unacked_index_key, dict.fromkeys(held, time.time()), xx=True)


def _key(message: Message) -> str:
    return f"started:{message.id}:{message.attempt}"
