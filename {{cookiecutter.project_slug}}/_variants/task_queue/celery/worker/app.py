"""Celery's app. Of its many settings, those that keep a task from being lost, or late, or run by two."""

import math
from collections.abc import Sequence
from typing import Any

from celery import Celery
from kombu import Exchange, Queue

WORK = "worker.work"
"""The one task that Celery knows: worker/work.py."""
CONNECT = 2.0
"""Seconds that a connection to the broker may take."""
CONFIRM = 5.0
"""Seconds after which the broker must have said that it has a message."""
TWICE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""A connection that is kept may be a dead one."""


def make(name: str, url: str, queues: Sequence[str], prefix: str, lease: float) -> Celery:
    """An app, which does not connect yet.

    Args:
        name: the key in `settings.TASKS`.
        url: of the broker.
        queues: their names there.
        prefix: before every key in Redis.
        lease: seconds after which a worker that gives no sign of life counts as dead.
    """
    is_redis = url.startswith("redis")
    # Without Celery's fixup for Django: it closes connections around each task, pools included.
    app = Celery(name, broker=url, set_as_current=False, fixups=[], include=[WORK])
    app.conf.update(
        broker_connection_timeout=CONNECT,
        broker_connection_max_retries=None,  # a worker waits for its broker
        broker_connection_retry_on_startup=True,
        broker_heartbeat=math.ceil(lease),
        broker_transport_options=_of_redis(prefix, lease) if is_redis else {**TWICE, "confirm_publish": True},
        task_publish_retry_policy=TWICE,
        task_queues=[_in_redis(queue) if is_redis else _in_rabbitmq(queue) for queue in queues],
        task_create_missing_queues=False,
        task_ignore_result=True,
        # A message is the broker's until its task has ended, and no worker has more than it can begin.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_lost_wait=1.0,
        worker_enable_remote_control=False,
        worker_redirect_stdouts=False,
    )
    return app


def _in_redis(name: str) -> Queue:
    return Queue(name, Exchange(name), routing_key=name)


def _in_rabbitmq(name: str) -> Queue:
    # Kept on several nodes; and what is not due yet waits in the broker, not in a worker.
    exchange = Exchange(name, type="topic")
    return Queue(name, exchange, routing_key=name, queue_arguments={"x-queue-type": "quorum"})


def _of_redis(prefix: str, lease: float) -> dict[str, Any]:
    return {
        **TWICE,
        "global_keyprefix": prefix,
        "socket_connect_timeout": CONNECT,
        "socket_timeout": CONFIRM,
        # What is neither done nor renewed goes to another worker: worker/leases.py.
        "visibility_timeout": lease,
        "unacked_restore_interval": lease / 3,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": math.ceil(lease),
    }
