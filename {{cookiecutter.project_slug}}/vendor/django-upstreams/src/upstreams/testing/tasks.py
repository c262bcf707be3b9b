"""Django tasks in tests: they are recorded, and run when the test says so. Needs Django 6.0."""

import uuid
from typing import Any, ClassVar
from unittest import mock

from asgiref.sync import sync_to_async
from django.db import connections as databases
from django.tasks import (
    Task,
    TaskContext,
    TaskResult,
    TaskResultStatus,
)
from django.tasks.backends.base import BaseTaskBackend
from django.utils import timezone


class RecordingBackend(BaseTaskBackend):
    """Records enqueued tasks; it supports everything that the real backends support."""

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
    """The tasks that the code under test has enqueued.

    Attributes:
        enqueued: in order; `run` removes them.
    """

    def __init__(self) -> None:
        RecordingBackend.enqueued.clear()
        self.enqueued = RecordingBackend.enqueued

    async def commit(self) -> None:
        """Run the `on_commit` functions of the test's transaction, which is rolled back later."""
        await sync_to_async(_commit)()

    async def run(self) -> None:
        """Call `commit`, then run all tasks as a worker does; their errors are raised."""
        await self.commit()
        while self.enqueued:
            result = self.enqueued.pop(0)
            context: list[Any] = [TaskContext(task_result=result)] if result.task.takes_context else []
            await result.task.acall(*context, *result.args, **result.kwargs)


def _commit() -> None:
    # Undocumented: TestCase.captureOnCommitCallbacks() finds the same functions, but only those of its own block.
    # tasks/celery/test_enqueuing.py fails when these methods change.
    for connection in databases.all(initialized_only=True):
        with mock.patch.object(connection, "validate_no_atomic_block"):
            connection.run_and_clear_commit_hooks()
