"""The Celery app. It sets only what keeps a task from being lost, delayed, or run by two workers."""

import math
from collections.abc import Sequence
from typing import Any

from celery import Celery
from kombu import Exchange, Queue

TASK_NAME = "upstreams.tasks.celery.work"
"""The one task that Celery knows: upstreams/tasks/celery/work.py."""
CONNECT_TIMEOUT = 2.0
"""Seconds for a connection to the broker to open."""
CONFIRM_TIMEOUT = 5.0
"""Seconds for the broker to confirm that it has a message."""
RETRY_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""A pooled connection may be dead, which only its next use shows."""


def make(name: str, url: str, queues: Sequence[str], prefix: str, lease: float) -> Celery:
    """Return an app that is not connected yet.

    Args:
        name: the key in `settings.TASKS`.
        url: of the broker.
        queues: their names in the broker.
        prefix: put before every key in Redis.
        lease: seconds without a sign of life, after which a worker counts as dead.
    """
    is_redis = url.startswith("redis")
    # Without Celery's fixup for Django, which closes connections around each task, pools included.
    app = Celery(name, broker=url, set_as_current=False, fixups=[])
    app.conf.update(
        broker_connection_timeout=CONNECT_TIMEOUT,
        broker_connection_max_retries=None,  # a worker waits for its broker
        broker_connection_retry_on_startup=True,
        broker_heartbeat=math.ceil(lease),
        broker_transport_options=_redis_options(prefix, lease)
        if is_redis
        else {**RETRY_ONCE, "confirm_publish": True},
        task_publish_retry_policy=RETRY_ONCE,
        task_queues=[_redis_queue(queue) if is_redis else _rabbitmq_queue(queue) for queue in queues],
        task_create_missing_queues=False,
        task_ignore_result=True,
        # The broker keeps a message until its task has ended, and no worker fetches more than it can start.
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_lost_wait=1.0,
        worker_enable_remote_control=False,
        worker_redirect_stdouts=False,
    )
    return app


def _redis_queue(name: str) -> Queue:
    return Queue(name, Exchange(name), routing_key=name)


def _rabbitmq_queue(name: str) -> Queue:
    # Quorum queues are kept on several nodes, and their delayed messages wait in the broker, not in a worker.
    exchange = Exchange(name, type="topic")
    return Queue(name, exchange, routing_key=name, queue_arguments={"x-queue-type": "quorum"})


def _redis_options(prefix: str, lease: float) -> dict[str, Any]:
    return {
        **RETRY_ONCE,
        "global_keyprefix": prefix,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": CONFIRM_TIMEOUT,
        # A message that is neither finished nor renewed goes to another worker: upstreams/tasks/celery/leases.py.
        "visibility_timeout": lease,
        "unacked_restore_interval": lease / 3,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": math.ceil(lease),
    }
