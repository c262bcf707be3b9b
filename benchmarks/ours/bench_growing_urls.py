"""The views of `make bench-growth` and `make bench-memory`, written in the way of the generated project."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from services.quotes import Quote
from upstreams import Upstream
from upstreams.contrib.json_api import json_response


class Quotes(Upstream):
    async def one(self, which: str) -> Quote:
        return await self.get("{which}", which=which, into=Quote)

    async def body(self, which: str) -> bytes:
        return (await self.get("{which}", which=which)).content

    async def upload(self, body: bytes) -> Quote:
        return await self.post("upload", content=body, into=Quote)


upstreams = [Quotes(alias) for alias in settings.UPSTREAMS if alias.startswith("up")]


async def quote(request: HttpRequest, which: str) -> HttpResponse:
    return json_response(await upstreams[0].one(which))


async def of_upstream(request: HttpRequest, number: int) -> HttpResponse:
    return json_response(await upstreams[number].one("any"))


async def passed_on(request: HttpRequest, which: str) -> HttpResponse:
    return HttpResponse(await upstreams[0].body(which), content_type="application/json")


@csrf_exempt
async def upload(request: HttpRequest) -> HttpResponse:
    return json_response(await upstreams[0].upload(request.body))


urlpatterns = [
    path("v1/quotes/<str:which>", quote),
    path("v1/upstreams/<int:number>", of_upstream),
    path("v1/bodies/<str:which>", passed_on),
    path("v1/bodies", upload),
]
