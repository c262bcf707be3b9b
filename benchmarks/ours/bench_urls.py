"""The views that the scenarios need besides those of the generated project, written in its own way."""

from collections.abc import AsyncIterator
from typing import TypedDict

from config.urls import urlpatterns as generated
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest, HttpResponse
from django.urls import path
from services.quotes import Quote
from upstreams import EventStreamResponse, Upstream, gather
from upstreams.contrib.json_api import json_response


class Quotes(Upstream):
    async def one(self, which: str) -> Quote:
        return await self.get("{which}", which=which, into=Quote)


class Delta(TypedDict):
    token: str
    at: float


class LLM(Upstream):
    async def tokens(self) -> AsyncIterator[Delta]:
        async for event in self.events("GET", "tokens"):
            yield event.json(Delta)


many, secure, llm = Quotes("many"), Quotes("tls"), LLM("llm")


async def quote(request: HttpRequest, which: str) -> HttpResponse:
    return json_response(await many.one(which))


async def over_tls(request: HttpRequest) -> HttpResponse:
    return json_response(await secure.one("any"))


async def five(request: HttpRequest) -> HttpResponse:
    found = await gather(*[many.one("any") for _ in range(5)])
    return json_response({"quotes": found})


async def tokens(request: HttpRequest) -> EventStreamResponse:
    return EventStreamResponse(llm.tokens())


def row(request: HttpRequest, database: str) -> HttpResponse:
    found = ContentType.objects.using(database).get(pk=1)
    return json_response({"app": found.app_label, "model": found.model})


async def async_row(request: HttpRequest, database: str) -> HttpResponse:
    found = await ContentType.objects.using(database).aget(pk=1)
    return json_response({"app": found.app_label, "model": found.model})


urlpatterns = [
    *generated,
    path("v1/tokens", tokens),
    path("v1/quotes/tls", over_tls),
    path("v1/quotes/five", five),
    path("v1/quotes/<str:which>", quote),
    path("v1/rows/<str:database>", row),
    path("v1/async-rows/<str:database>", async_row),
]
