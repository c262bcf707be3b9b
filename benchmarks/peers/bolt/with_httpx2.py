"""One shared client of httpx2."""

import os

import httpx2
import msgspec
from django_bolt import BoltAPI

client = httpx2.AsyncClient(
    base_url=os.environ["UPSTREAM"],
    limits=httpx2.Limits(max_connections=256, max_keepalive_connections=256),
)
api = BoltAPI()


class Quote(msgspec.Struct):
    text: str
    author: str


@api.get("/v1/quotes/{which}")
async def quote(which: str) -> Quote:
    response = await client.get(which)
    response.raise_for_status()
    return msgspec.json.decode(response.content, type=Quote)
