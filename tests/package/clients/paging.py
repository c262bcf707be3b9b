"""Lists in pages, and who reads them."""

from dataclasses import dataclass

from testproject.quotes import quotes
from upstreams.testing import http_response


@dataclass
class Item:
    id: int


def serve(loopback, path, *pages, status=200):
    """Respond with these pages, one after the other; a page is its body, or a pair of body and headers."""
    for page in pages:
        body, headers = page if isinstance(page, tuple) else (page, {})
        loopback.on(path, http_response(body, status, headers))


async def ids(path="items", **more):
    return [item.id async for item in quotes.pages(path, into=Item, **more)]


async def collect(found, **more):
    """As `ids`, but what came before an error stays."""
    async for item in quotes.pages("items", into=Item, **more):
        found.append(item.id)


def asked(loopback):
    return [request.target for request in loopback.requests]


def linked(target, rel="next"):
    return {"link": f'<{target}>; rel="{rel}"'}
