"""The worker's own tasks."""

from django.core.management import call_command
from django.tasks import task


@task
def prune() -> None:
    """Delete the results that are older than 14 days."""
    call_command("prune_db_task_results", queue_name="*", verbosity=0)
