"""The generated project's services/, served by django-bolt instead of the package's ASGI application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import services
from django_bolt import BoltAPI
from services.quotes import Quote, quotes


@asynccontextmanager
async def lifespan(api: BoltAPI) -> AsyncIterator[None]:
    async with services.clients():
        yield


api = BoltAPI(lifespan=lifespan)


@api.get("/v1/quotes/random")
async def random() -> Quote:
    return await quotes.random()
