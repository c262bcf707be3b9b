"""Django tasks in tests: they are recorded, and run when the test says so. Needs Django 6.0."""

import uuid
from dataclasses import dataclass
from typing import Any, ClassVar
from unittest import mock

from asgiref.sync import sync_to_async
from django.db import connections as databases
from django.db import transaction
from django.tasks import (
    Task,
    TaskContext,
    TaskResult,
    TaskResultStatus,
)
from django.tasks.backends.base import BaseTaskBackend
from django.utils import timezone

from upstreams.tasks.retry import require_json
from upstreams.tasks.transactions import when_committed


@dataclass(eq=False)
class Record:
    """A task, and the connection to the database in whose transaction it may have been enqueued."""

    result: "TaskResult[Any, Any]"
    connection: Any
    is_committed: bool = False

    def commit(self) -> None:
        self.is_committed = True

    def is_rolled_back(self) -> bool:
        # Undocumented: BaseDatabaseWrapper.run_on_commit, from which a rollback to a savepoint removes what it undoes.
        # tasks/test_transactions.py rolls back.
        waiting = [function for _, function, _ in self.connection.run_on_commit]
        return not self.is_committed and self.commit not in waiting


class RecordingBackend(BaseTaskBackend):
    """Records enqueued tasks; it supports everything that the real backends support, and refuses what they refuse."""

    supports_async_task = True
    supports_defer = True
    supports_priority = True

    records: ClassVar[list[Record]] = []

    def enqueue(self, task: "Task[..., Any]", args: Any, kwargs: Any) -> "TaskResult[Any, Any]":
        self.validate_task(task)
        with require_json(task, args, kwargs):
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
        record = Record(result, transaction.get_connection())
        when_committed(record.commit)
        self.records.append(record)
        return result


class Tasks:
    """The tasks that the code under test has enqueued."""

    def __init__(self) -> None:
        RecordingBackend.records.clear()

    @property
    def enqueued(self) -> list["TaskResult[Any, Any]"]:
        """The tasks in order, without those whose transaction was rolled back; `run` removes them."""
        return [record.result for record in self._records()]

    async def commit(self) -> None:
        """Run the `on_commit` functions of the test's transaction, which is rolled back later."""
        await sync_to_async(_commit)()

    async def run(self) -> None:
        """Call `commit`, then run all tasks as a worker does; their errors are raised."""
        await self.commit()
        while records := self._records():
            RecordingBackend.records.remove(records[0])
            result = records[0].result
            context: list[Any] = [TaskContext(task_result=result)] if result.task.takes_context else []
            await result.task.acall(*context, *result.args, **result.kwargs)

    def _records(self) -> list[Record]:
        return [record for record in RecordingBackend.records if not record.is_rolled_back()]


def _commit() -> None:
    # Undocumented: TestCase.captureOnCommitCallbacks() finds the same functions, but only those of its own block.
    # tasks/celery/test_enqueuing.py fails when these methods change.
    for connection in databases.all(initialized_only=True):
        with mock.patch.object(connection, "validate_no_atomic_block"):
            connection.run_and_clear_commit_hooks()
