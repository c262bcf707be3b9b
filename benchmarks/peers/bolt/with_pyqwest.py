"""One shared client of pyqwest, without and with Django's middleware."""

import os

import msgspec
import pyqwest
from django_bolt import BoltAPI

UPSTREAM = os.environ["UPSTREAM"]
# By default it keeps two connections to a host, and has no time limit.
client = pyqwest.Client(pyqwest.HTTPTransport(pool_max_idle_per_host=256, timeout=5, enable_otel=False))


class Quote(msgspec.Struct):
    text: str
    author: str


async def quote(which: str) -> Quote:
    response = await client.get(f"{UPSTREAM}/{which}")
    if response.status >= 400:
        raise RuntimeError(f"the upstream responds with {response.status}")
    return msgspec.json.decode(response.content, type=Quote)


api = BoltAPI()
api.get("/v1/quotes/{which}")(quote)

with_middleware = BoltAPI(django_middleware=True)
with_middleware.get("/v1/quotes/{which}")(quote)
