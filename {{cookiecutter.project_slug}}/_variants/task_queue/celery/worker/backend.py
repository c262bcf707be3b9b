"""Where tasks wait: RabbitMQ or Redis, through Celery, which knows them as calls of one task, `worker.work`."""

import uuid
from datetime import datetime
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.tasks import Task, TaskResult, TaskResultStatus
from django.tasks.signals import task_enqueued
from django.utils import timezone

from worker.broker import Broker
from worker.message import Message
from worker.origin import carried, enqueuing
from worker.retries import Retrying, json_only


class CeleryBackend(Retrying):
    """Hands tasks to a broker. It keeps no results: `get_result` is not supported.

    Options:
        URL: of the broker, `amqp://` or `redis://`.
        PREFIX: before the names of the queues, without dots.
    """

    supports_async_task = True
    supports_defer = True
    supports_priority = True

    def __init__(self, alias: str, params: dict[str, Any]) -> None:
        super().__init__(alias, params)
        url, prefix = self.options.get("URL", ""), self.options.get("PREFIX", "")
        if dotted := [name for name in [prefix, *sorted(self.queues)] if "." in name]:
            raise ImproperlyConfigured(
                f'TASKS["{alias}"]: write {dotted[0]!r} without dots, as in "team-": RabbitMQ would hand what is '
                'delayed for a queue "team.default" to the queue "default", too'
            )
        self.broker = Broker(alias, url, self.queues, prefix=prefix, lease=self.lease)

    def enqueue(self, task: "Task[..., Any]", args: Any, kwargs: Any) -> "TaskResult[Any, Any]":
        """Send a task, and wait until the broker has it.

        Raises:
            TypeError: its arguments are no JSON.
            EnqueueFailed: the broker does not take it.
        """
        self.validate_task(task)
        now = timezone.now()
        with json_only(task):
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
        with enqueuing(task):
            self.broker.send(_message(result, max(now, task.run_after or now)))
        task_enqueued.send(type(self), task_result=result)
        return result

    def check(self, **_: Any) -> list[checks.CheckMessage]:
        """What is missing in `settings.TASKS`."""
        wrong = []
        if not self.broker.url:
            wrong.append(("E010", "URL is empty: set BROKER_URL, amqp://user:password@host:5672/vhost, say"))
        if not self.queues:
            wrong.append(("E011", 'QUEUES is empty: name those that workers look at, such as "default"'))
        return [checks.Error(f'TASKS["{self.alias}"]: {what}', id=f"worker.{code}") for code, what in wrong]


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
        carried=carried(),
    )
