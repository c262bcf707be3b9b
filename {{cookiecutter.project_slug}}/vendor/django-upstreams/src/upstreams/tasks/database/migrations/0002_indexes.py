"""Indexes on the table of django-tasks-db: for claims, and for the deletion of old results."""

from collections.abc import Iterator
from typing import Any

from django.db import migrations, models


def indexes(vendor: str) -> Iterator[models.Index]:
    order = ["-priority", "run_after", "enqueued_at"]
    if vendor == "postgresql":
        # Without the status: PostgreSQL derives it from the condition, so that no query would use what stands behind it.
        condition = models.Q(status="READY")
        yield models.Index(fields=["backend_name", *order], condition=condition, name="upstreams_claim")
    else:
        # SQLite uses a partial index only where the condition is a literal, and Django passes parameters.
        yield models.Index(fields=["backend_name", "status", *order], name="upstreams_claim")
    yield models.Index(fields=["backend_name", "finished_at"], name="upstreams_prune")


def add(apps: Any, editor: Any) -> None:
    for index in indexes(editor.connection.vendor):
        editor.add_index(apps.get_model("django_tasks_database", "DBTaskResult"), index)


def remove(apps: Any, editor: Any) -> None:
    for index in indexes(editor.connection.vendor):
        editor.remove_index(apps.get_model("django_tasks_database", "DBTaskResult"), index)


class Migration(migrations.Migration):
    dependencies = [
        ("upstreams_tasks_database", "0001_initial"),
        ("django_tasks_database", "0021_conditional_partial_index_ordering"),
    ]

    # Not `AddIndex`, which takes models of its own app only.
    operations = [migrations.RunPython(add, remove)]
