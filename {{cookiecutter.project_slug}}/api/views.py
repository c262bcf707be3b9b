"""The example views: one for each way to call an upstream."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from functools import partial

from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from api.auth import token_required
from api.bodies import NewFavourite, Page, asked, json_response, parsed
from api.models import Favourite
from api.pages import page
from api.tasks import announce
from services.quotes import quotes


@require_GET
async def random_quote(request: HttpRequest) -> HttpResponseBase:
    """One call."""
    return json_response(await quotes.random())


@require_GET
async def three_quotes(request: HttpRequest) -> HttpResponseBase:
    """Several calls at once: if one fails, the others are cancelled and the request fails with it."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(quotes.random()) for _ in range(3)]
    return json_response({"quotes": [task.result() for task in tasks]})


@require_GET
def quotes_by(request: HttpRequest, author: str) -> HttpResponseBase:
    """A call from synchronous code."""
    return json_response({"quotes": async_to_sync(quotes.by)(author)})


@require_GET
def others(request: HttpRequest, pk: int) -> HttpResponseBase:
    """A call from a model method."""
    return json_response({"quotes": get_object_or_404(Favourite, pk=pk).others()})


@require_GET
async def export(request: HttpRequest) -> HttpResponseBase:
    """Passes a long answer on, chunk by chunk."""
    chunks = quotes.export()
    # A failure of the upstream is still a problem here; after the first chunk it can only cut the answer.
    first = await anext(chunks, b"")
    return StreamingHttpResponse(prepended(first, chunks), content_type="application/x-ndjson")


async def prepended(first: bytes, chunks: AsyncGenerator[bytes]) -> AsyncIterator[bytes]:
    """All chunks; the stream is closed even if the client leaves."""
    async with aclosing(chunks):
        yield first
        async for chunk in chunks:
            yield chunk


@csrf_exempt  # for programs, which send JSON and no cookie
@require_http_methods(["GET", "POST"])
async def favourites(request: HttpRequest) -> HttpResponseBase:
    """Everybody may see them; who adds one has a token."""
    return await (add(request) if request.method == "POST" else newest(request))


@token_required
async def add(request: HttpRequest) -> HttpResponseBase:
    """Writes to the database."""
    new = parsed(request, NewFavourite)
    favourite = await sync_to_async(keep)(new)
    return json_response(favourite.as_json(), status=201)


async def newest(request: HttpRequest) -> HttpResponseBase:
    """Reads from the database, a page at a time."""
    query = asked(request, Page)
    found, following = await page(request, Favourite.objects.all(), query.limit, query.before)
    return json_response({"favourites": [favourite.as_json() for favourite in found], "next": following})


def keep(new: NewFavourite) -> Favourite:
    """Writes a favourite; once that is committed, has the upstream told."""
    with transaction.atomic():
        favourite = Favourite.objects.create(text=new.text, author=new.author)
        # Robust: if the queue cannot be reached, that is logged, and the favourite is kept all the same.
        transaction.on_commit(partial(announce.enqueue, favourite.pk), robust=True)
    return favourite
