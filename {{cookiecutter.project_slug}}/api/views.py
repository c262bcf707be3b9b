# example: quotes
"""The example views: one for each way to call an upstream."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe
from upstreams import gather
from upstreams.contrib.json_api import get_page, json_response, parse_body, parse_query
from upstreams.contrib.tokens.auth import token_required

from api.models import Favourite
from api.schemas import NewFavourite, Page
from api.tasks import announce
from services.quotes import quotes


@require_safe
async def random_quote(request: HttpRequest) -> HttpResponseBase:
    """Make one call."""
    return json_response(await quotes.random())


@require_safe
async def three_quotes(request: HttpRequest) -> HttpResponseBase:
    """Make several calls at once: if one fails, the others are cancelled and the request fails with it."""
    found = await gather(quotes.random(), quotes.random(), quotes.random())
    return json_response({"quotes": found})


@require_safe
def quotes_by(request: HttpRequest, author: str) -> HttpResponseBase:
    """Make a call from synchronous code."""
    return json_response({"quotes": async_to_sync(quotes.by)(author)})


@require_safe
def others(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Make a call from a model method."""
    return json_response({"quotes": get_object_or_404(Favourite, pk=pk).others()})


@require_safe
async def export(request: HttpRequest) -> HttpResponseBase:
    """Pass a long response on, chunk by chunk."""
    chunks = quotes.export()
    # Before the first chunk a failure of the upstream is a 502; after it, the response can only be cut.
    first = await anext(chunks, b"")
    return StreamingHttpResponse(prepended(first, chunks), content_type="application/x-ndjson")


async def prepended(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """Yield all chunks, and close the stream even if the client disconnects."""
    async with aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk


@csrf_exempt  # its clients are programs, which send a token and no cookie
@require_http_methods(["GET", "HEAD", "POST"])
async def favourites(request: HttpRequest) -> HttpResponseBase:
    """List them to anybody; add one for clients with a token."""
    return await (add(request) if request.method == "POST" else newest(request))


@token_required
async def add(request: HttpRequest) -> HttpResponseBase:
    """Write to the database."""
    new = parse_body(request, NewFavourite)
    favourite = await sync_to_async(keep)(new)
    return json_response(favourite.as_json(), status=201)


async def newest(request: HttpRequest) -> HttpResponseBase:
    """Read from the database, a page at a time."""
    query = parse_query(request, Page)
    found, following = await get_page(request, Favourite.objects.all(), query.limit, query.before)
    return json_response({"favourites": [favourite.as_json() for favourite in found], "next": following})


def keep(new: NewFavourite) -> Favourite:
    """Store a favourite together with the task that announces it: both, or neither."""
    with transaction.atomic():
        favourite = Favourite.objects.create(text=new.text, author=new.author)
        announce.enqueue(favourite.pk)  # in the same transaction: an outage of the queue loses no task
    return favourite
