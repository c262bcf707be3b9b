"""A task that a request enqueues and that calls an upstream, with a key by which the upstream counts it once."""

from dataclasses import asdict

from django.tasks import task

from testproject.favourites.models import Favourite
from testproject.quotes import Quote, quotes


@task(takes_context=True)
async def announce(context, favourite_id):
    favourite = await Favourite.objects.aget(pk=favourite_id)
    quote = Quote(favourite.text, favourite.author)
    key = {"Idempotency-Key": context.task_result.id}
    await quotes.post("likes", json=asdict(quote), headers=key)
