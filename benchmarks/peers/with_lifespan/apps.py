import os
from contextlib import asynccontextmanager

import httpx2
from django.apps import AppConfig
from django_asgi_lifespan.register import register_lifespan_manager
from django_asgi_lifespan.types import LifespanManager


@asynccontextmanager
async def client() -> LifespanManager:
    limits = httpx2.Limits(max_connections=256, max_keepalive_connections=256)
    async with httpx2.AsyncClient(base_url=os.environ["UPSTREAM"], limits=limits) as client:
        yield {"client": client}


class WithLifespanConfig(AppConfig):
    name = "with_lifespan"

    def ready(self) -> None:
        register_lifespan_manager(context_manager=client)
