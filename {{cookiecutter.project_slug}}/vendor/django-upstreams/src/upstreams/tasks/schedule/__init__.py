"""Periodic tasks: `UPSTREAMS_SCHEDULE`, dotted path -> seconds. Runs missed while no worker is up are skipped."""

from upstreams import conf


def enqueue_due_tasks() -> None:
    """Enqueue the periodic tasks that are due. Workers call it every few seconds.

    Raises:
        DatabaseError: the database cannot be used.
    """
    if schedule := conf.current().schedule:
        # Its model needs the app, which is optional without a schedule.
        from upstreams.tasks.schedule.due import enqueue_due

        enqueue_due(schedule)
