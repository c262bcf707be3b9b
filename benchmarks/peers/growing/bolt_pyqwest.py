"""django-bolt, one shared client of pyqwest for all upstreams."""

import os

import msgspec
import pyqwest
from django_bolt import BoltAPI
from django_bolt.exceptions import HTTPException
from django_bolt.responses import Response

UPSTREAMS = os.environ["UPSTREAM_URLS"].split()
transport = pyqwest.HTTPTransport(pool_max_idle_per_host=1024, timeout=30, enable_otel=False)
client = pyqwest.Client(transport)
api = BoltAPI()


class Quote(msgspec.Struct):
    text: str
    author: str


def checked(response: pyqwest.FullResponse) -> bytes:
    if response.status >= 400:
        raise HTTPException(502, "the upstream failed")
    return response.content


@api.get("/v1/quotes/{which}")
async def quote(which: str) -> Quote:
    return msgspec.json.decode(checked(await client.get(f"{UPSTREAMS[0]}/{which}")), type=Quote)


@api.get("/v1/upstreams/{number}")
async def of_upstream(number: int) -> Quote:
    return msgspec.json.decode(checked(await client.get(f"{UPSTREAMS[number]}/any")), type=Quote)


@api.get("/v1/bodies/{which}")
async def passed_on(which: str) -> Response:
    content = checked(await client.get(f"{UPSTREAMS[0]}/{which}"))
    return Response(content, media_type="application/json")


@api.post("/v1/bodies")
async def upload(request) -> Quote:
    response = await client.post(f"{UPSTREAMS[0]}/upload", content=request.body)
    return msgspec.json.decode(checked(response), type=Quote)
