"""The backend on RabbitMQ or Redis, through Celery, to which a task is a call of `upstreams.tasks.celery.work`."""

import uuid
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import router
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.signals import task_enqueued
from django.utils import timezone

from upstreams.core.deletion import delete_in_batches
from upstreams.tasks.celery import discovery
from upstreams.tasks.celery.broker import shared_broker
from upstreams.tasks.celery.message import Message
from upstreams.tasks.propagation import inject, record_enqueue
from upstreams.tasks.retry import RetryingBackend, Worker, require_json
from upstreams.tasks.transactions import when_committed


class CeleryBackend(RetryingBackend):
    """Sends tasks to a broker. It keeps no results: `get_result` is not supported.

    Options:
        URL: of the broker, `amqp://` or `redis://`.
        PREFIX: put before the names of the queues; without dots.
        OUTBOX: keep tasks in the database until a worker has sent them to the broker, so that enqueueing needs no
            broker and is part of the transaction around it.
    """

    app = "upstreams.tasks.celery"
    supports_async_task = True
    supports_defer = True
    supports_priority = True

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        url, prefix = self.options.get("URL", ""), self.options.get("PREFIX", "")
        if dotted := [name for name in [prefix, *sorted(self.queues)] if "." in name]:
            raise ImproperlyConfigured(
                f'TASKS["{alias}"]: write {dotted[0]!r} without dots, as in "team-": RabbitMQ would deliver what is '
                'delayed for a queue "team.default" to the queue "default", too'
            )
        self.outbox: bool = self.options.get("OUTBOX", False)
        self.broker = shared_broker(alias, url, frozenset(self.queues), prefix=prefix, lease=self.lease)

    def enqueue(self, task: "Task[..., Any]", args: Any, kwargs: Any) -> "TaskResult[Any, Any]":
        """Send a task, and wait until the broker confirms that it has it; with OUTBOX, write it into the database.

        Inside a transaction, a task is sent after the commit, and the error is raised there.

        Raises:
            TypeError: its arguments are not JSON.
            EnqueueFailed: the broker did not accept it.
            DatabaseError: with OUTBOX, the database cannot be used.
        """
        self.validate_task(task)
        now = timezone.now()
        with require_json(task, args, kwargs):
            result: TaskResult[Any, Any] = TaskResult(
                task=task,
                id=str(uuid.uuid4()),
                status=TaskResultStatus.READY,
                enqueued_at=now,
                started_at=None,
                finished_at=None,
                last_attempted_at=None,
                args=list(args),
                kwargs=kwargs,
                backend=self.alias,
                errors=[],
                worker_ids=[],
            )
        with record_enqueue(task):
            message = _message(result, max(now, task.run_after or now))
            if self.outbox:
                self.store(message)
            else:
                when_committed(partial(self.broker.send, message))
        task_enqueued.send(type(self), task_result=result)
        return result

    def store(self, message: Message) -> None:
        """Write a message into the outbox.

        Raises:
            DatabaseError: the database cannot be used.
        """
        from upstreams.tasks.celery.models import Outgoing

        Outgoing.objects.create(backend=self.alias, message=message.json())

    def make_worker(self, *, batch: bool, pool: str | None, concurrency: int | None) -> Worker:
        if batch:
            raise CommandError("--batch: a worker of Celery cannot know when no task is left")
        from upstreams.tasks.celery import worker  # Celery's worker takes time to import

        return worker.Worker(self, pool or "threads", concurrency or 4)

    def stores_in(self) -> str | None:
        from upstreams.tasks.celery.models import Outgoing

        return router.db_for_write(Outgoing) if self.outbox else None

    def prune(self, older_than: timedelta) -> None:
        from upstreams.tasks.celery.models import Failed

        delete_in_batches(Failed.objects.filter(at__lt=timezone.now() - older_than), "at")

    def check(self, **_: Any) -> list[checks.CheckMessage]:
        """Check that the broker, the queues and the apps are there."""
        problems = []
        if not self.broker.url:
            problems.append(
                ("E031", "URL is empty: set BROKER_URL, such as amqp://user:password@host:5672/vhost")
            )
        if not self.queues:
            problems.append(("E032", 'QUEUES is empty: name the queues of the workers, such as "default"'))
        problems += discovery.problems(self.broker.app)
        return [
            *(
                checks.Error(f'TASKS["{self.alias}"]: {text}', id=f"upstreams.{code}")
                for code, text in problems
            ),
            *super().check(),
        ]


def _message(result: "TaskResult[Any, Any]", due: datetime) -> Message:
    task = result.task
    return Message(
        id=result.id,
        path=task.module_path,
        args=result.args,
        kwargs=result.kwargs,
        queue=task.queue_name,
        priority=task.priority,
        enqueued_at=timezone.now().isoformat(),
        due=due.isoformat(),
        carrier=inject(),
    )
