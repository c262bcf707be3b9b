"""Stock Django with django-modern-rest, one shared httpx2 client."""

import os

import httpx2
import msgspec
from django.urls import path
from dmr import Controller
from dmr.plugins.msgspec import MsgspecSerializer

client = httpx2.AsyncClient(
    base_url=os.environ["UPSTREAM"],
    limits=httpx2.Limits(max_connections=256, max_keepalive_connections=256),
)


class Quote(msgspec.Struct):
    text: str
    author: str


class QuoteController(Controller[MsgspecSerializer]):
    validate_responses = False  # as its documentation advises for production

    async def get(self) -> Quote:
        response = await client.get(self.kwargs["which"])
        response.raise_for_status()
        return msgspec.json.decode(response.content, type=Quote)


urlpatterns = [path("v1/quotes/<str:which>", QuoteController.as_view())]
