"""When the tasks of `settings.UPSTREAMS_SCHEDULE` were last enqueued, for all workers to see."""

from datetime import UTC, datetime

from django.db import models

NEVER = datetime(1970, 1, 1, tzinfo=UTC)


class Scheduled(models.Model):
    """A periodic task. Times are the database's: clocks differ."""

    task = models.TextField(primary_key=True)
    last = models.DateTimeField(default=NEVER)

    def __str__(self) -> str:
        return f"{self.task}, last at {self.last}"
