"""A task with one call: over the pool of its worker, and with a client of its own, as it is written today."""

import httpx2
from django.conf import settings
from django.tasks import task
from services.quotes import quotes


@task
async def shared() -> None:
    await quotes.random()


@task
async def own() -> None:
    async with httpx2.AsyncClient(base_url=settings.UPSTREAMS["quotes"]["BASE_URL"]) as client:
        (await client.get("random")).raise_for_status()
