"""The Celery app. It sets only what keeps a task from being lost, delayed, or run by two workers."""

import math
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import Any, NoReturn

from celery import Celery
from click import UsageError
from django.conf import settings
from kombu import Exchange, Queue

TASK_NAME = "upstreams.tasks.celery.work"
"""The task that runs those of `django.tasks`: upstreams/tasks/celery/work.py."""
CONNECT_TIMEOUT = 2.0
"""Seconds for a connection to the broker to open."""
SEND_TIMEOUT = 5.0
"""Seconds for the broker to confirm that it has a message."""
DELIVERY_LIMIT = 20
"""How often RabbitMQ delivers a message again, before it puts it into the queue `DEAD_LETTERS`."""
DEAD_LETTERS = "dead-letters"
RETRY_ONCE = {"max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}
"""How often a connection that cannot be opened is tried again: the broker may have several hosts."""
CONFIRMED = {"mandatory": True, "timeout": SEND_TIMEOUT, "confirm_timeout": SEND_TIMEOUT}
"""Options of a message: the broker must have a queue for it, and say so."""
OWN_SETTINGS = {
    "CELERY_BROKER_URL": "write it as URL",
    "CELERY_BROKER_READ_URL": "write one URL",
    "CELERY_BROKER_WRITE_URL": "write one URL",
    "CELERY_BROKER_TRANSPORT_OPTIONS": "remove it",
    "CELERY_TASK_QUEUES": "write the names as QUEUES",
    "CELERY_TASK_DEFAULT_QUEUE": "write the names as QUEUES",
    "CELERY_TASK_CREATE_MISSING_QUEUES": "write the names as QUEUES",
    "CELERY_WORKER_PREFETCH_MULTIPLIER": "remove it: a worker must not hold messages that it cannot start",
}
"""Settings of Celery that follow from `TASKS`, and what to do instead."""


class App(Celery):
    """Sends each message within a time limit, and waits until the broker confirms it.

    Attributes:
        deliver: calls a function with a connection to the broker, for a task with this name.
    """

    task_cls = "celery.contrib.django.task:DjangoTask"  # with `delay_on_commit`
    deliver: Callable[..., Any]

    def send_task(self, name: str, *args: Any, **options: Any) -> Any:
        """Send a message for a task. `delay`, `apply_async` and beat end here.

        Raises:
            EnqueueFailed: the broker did not accept it.
        """
        send = partial(super().send_task, name, *args, **{**CONFIRMED, **options})
        if options.get("producer") or options.get("connection"):
            return send()
        delayed = bool(options.get("countdown") or options.get("eta"))
        task = options.get("shadow") or name
        return self.deliver(lambda connection: send(connection=connection), task, delayed=delayed)

    @cached_property
    def Worker(self) -> NoReturn:
        """Refuse the worker of Celery's command line: it renews no lease, and knows no task of `django.tasks`."""
        raise UsageError(
            "this worker would lose tasks of django.tasks: run `python manage.py worker`, which runs both kinds"
        )

    def make_worker(self, **options: Any) -> Any:
        """Return the worker that `manage.py worker` runs."""
        return self.subclass_with_self("celery.apps.worker:Worker")(**options)  # type: ignore[arg-type] # a path, too


def make(name: str, url: str, queues: Sequence[str], prefix: str, lease: float) -> App:
    """Return an app that is not connected yet.

    Args:
        name: the key in `settings.TASKS`.
        url: of the broker.
        queues: their names in the broker; the first one takes what names none.
        prefix: put before every key in Redis.
        lease: seconds without a sign of life, after which a worker counts as dead.
    """
    is_redis = url.startswith("redis")
    # Without Celery's fixup for Django, which closes connections around each task, pools included.
    app = App(name, broker=url, set_as_current=False, fixups=[])
    if is_redis:
        app.amqp_cls = "upstreams.tasks.celery.redis_transport:AMQP"
    teams = {
        key: value for key in dir(settings) if key.startswith("CELERY_") for value in [getattr(settings, key)]
    }
    app.conf.update(
        {
            "broker_connection_timeout": CONNECT_TIMEOUT,
            "broker_connection_max_retries": None,  # a worker waits for its broker
            "broker_connection_retry_on_startup": True,
            "broker_heartbeat": math.ceil(lease),
            "task_publish_retry": False,  # `Broker` does
            "task_default_priority": 5 if is_redis else 4,  # that of `django.tasks`, see `Broker.send`
            "task_ignore_result": "CELERY_RESULT_BACKEND" not in teams,
            # The broker keeps a message until its task has ended.
            "task_acks_late": True,
            "task_reject_on_worker_lost": True,
            "worker_lost_wait": 1.0,
            "worker_enable_remote_control": False,
            "worker_redirect_stdouts": False,
        }
        | {
            key.removeprefix("CELERY_").lower(): value
            for key, value in teams.items()
            if key not in OWN_SETTINGS
        }
        | {
            "broker_transport_options": _redis_options(prefix, lease)
            if is_redis
            else {**RETRY_ONCE, "confirm_publish": True},
            "task_queues": [
                _redis_queue(queue) if is_redis else _rabbitmq_queue(queue, prefix) for queue in queues
            ],
            "task_default_queue": next(iter(queues), "default"),
            "task_create_missing_queues": False,
            "worker_prefetch_multiplier": 1,  # no worker fetches more than it can start
        }
    )
    return app


def _redis_queue(name: str) -> Queue:
    return Queue(name, Exchange(name), routing_key=name)


def _rabbitmq_queue(name: str, prefix: str) -> Queue:
    # Quorum queues are kept on several nodes, and their delayed messages wait in the broker, not in a worker.
    exchange = Exchange(name, type="topic")
    arguments = {
        "x-queue-type": "quorum",
        # RabbitMQ 4 has this limit anyway, and drops what exceeds it.
        "x-delivery-limit": DELIVERY_LIMIT,
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": prefix + DEAD_LETTERS,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",  # which this strategy requires
    }
    return Queue(name, exchange, routing_key=name, queue_arguments=arguments)


def dead_letters(prefix: str) -> Queue:
    """Return the queue of messages that RabbitMQ delivers no more. No worker reads it."""
    return Queue(prefix + DEAD_LETTERS, Exchange(""), queue_arguments={"x-queue-type": "quorum"})


def _redis_options(prefix: str, lease: float) -> dict[str, Any]:
    return {
        **RETRY_ONCE,
        "global_keyprefix": prefix,
        "socket_connect_timeout": CONNECT_TIMEOUT,
        "socket_timeout": SEND_TIMEOUT,
        # A message that is neither finished nor renewed goes to another worker: upstreams/tasks/celery/leases.py.
        "visibility_timeout": lease,
        "unacked_restore_interval": lease / 3,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": math.ceil(lease),
    }
