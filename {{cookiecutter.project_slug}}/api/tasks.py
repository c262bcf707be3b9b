# example: quotes
"""The example of a background task. A worker retries it after a failure, so it may run twice."""

from django.tasks import TaskContext, task

from api.models import Favourite
from services.quotes import Quote, quotes


@task(takes_context=True)
async def announce(context: "TaskContext[[int], None]", favourite_id: int) -> None:
    """Announce to the upstream that somebody keeps a quote."""
    favourite = await Favourite.objects.filter(pk=favourite_id).afirst()
    if favourite is None:
        return  # deleted meanwhile
    # The id is the same at each attempt, so the upstream counts them as one.
    await quotes.like(Quote(favourite.text, favourite.author), key=context.task_result.id)
