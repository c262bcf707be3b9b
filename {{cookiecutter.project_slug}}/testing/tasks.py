"""Tasks in tests: they are kept until the test runs them."""

import uuid
from typing import Any, ClassVar
from unittest import mock

from asgiref.sync import sync_to_async
from django.db import connections as databases
from django.tasks import Task, TaskContext, TaskResult, TaskResultStatus
from django.tasks.backends.base import BaseTaskBackend
from django.utils import timezone


class Recorded(BaseTaskBackend):
    """Keeps what is enqueued; can do whatever the real backends can."""

    supports_async_task = True
    supports_defer = True
    supports_priority = True

    enqueued: ClassVar[list["TaskResult[Any, Any]"]] = []

    def enqueue(self, task: "Task[..., Any]", args: Any, kwargs: Any) -> "TaskResult[Any, Any]":
        self.validate_task(task)
        result: TaskResult[Any, Any] = TaskResult(
            task=task,
            id=str(uuid.uuid4()),
            status=TaskResultStatus.READY,
            enqueued_at=timezone.now(),
            started_at=None,
            finished_at=None,
            last_attempted_at=None,
            args=list(args),
            kwargs=kwargs,
            backend=self.alias,
            errors=[],
            worker_ids=["test"],
        )
        self.enqueued.append(result)
        return result


class Tasks:
    """What the code under test has enqueued.

    Attributes:
        enqueued: in order; `run` takes them out.
    """

    def __init__(self) -> None:
        Recorded.enqueued.clear()
        self.enqueued = Recorded.enqueued

    async def commit(self) -> None:
        """Do what waits for the commit of the test's transaction, which is rolled back."""
        await sync_to_async(_commit)()

    async def run(self) -> None:
        """Commit, then run all tasks as a worker would; an error is the test's."""
        await self.commit()
        while self.enqueued:
            result = self.enqueued.pop(0)
            context: list[Any] = [TaskContext(task_result=result)] if result.task.takes_context else []
            await result.task.acall(*context, *result.args, **result.kwargs)


def _commit() -> None:
    for connection in databases.all(initialized_only=True):
        with mock.patch.object(connection, "validate_no_atomic_block"):
            connection.run_and_clear_commit_hooks()
