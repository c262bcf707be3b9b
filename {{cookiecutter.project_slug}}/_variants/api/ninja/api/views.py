# example: quotes
"""The example operations: one for each way to call an upstream."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from typing import Annotated

from asgiref.sync import async_to_sync, sync_to_async
from django.db import transaction
from django.http import HttpRequest, StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Path, Query, Router, Status
from upstreams import gather
from upstreams.contrib.json_api.pages import get_page
from upstreams.contrib.ninja.api import Problem
from upstreams.contrib.ninja.auth import Bearer

from api import schemas
from api.models import Favourite
from api.tasks import announce
from services.quotes import Quote, quotes

router = Router()
LINES = {"application/x-ndjson": {"schema": {"type": "string", "description": "A quote a line."}}}


@router.get("quotes/random", tags=["quotes"], response={200: schemas.Quote, 502: Problem})
async def random_quote(request: HttpRequest) -> Quote:
    """Make one call."""
    return await quotes.random()


@router.get("quotes/three", tags=["quotes"], response={200: schemas.Quotes, 502: Problem})
async def three_quotes(request: HttpRequest) -> dict[str, list[Quote]]:
    """Make several calls at once: if one fails, the others are cancelled and the request fails with it."""
    found = await gather(quotes.random(), quotes.random(), quotes.random())
    return {"quotes": list(found)}


@router.get("quotes/by/{author}", tags=["quotes"], response={200: schemas.Quotes, 502: Problem})
def quotes_by(request: HttpRequest, author: str) -> dict[str, list[Quote]]:
    """Make a call from synchronous code."""
    return {"quotes": async_to_sync(quotes.by)(author)}


@router.get(
    "favourites/{int:pk}/others",
    tags=["favourites"],
    response={200: schemas.Quotes, 404: Problem, 502: Problem},
)
def others(request: HttpRequest, pk: Annotated[int, Path(ge=0)]) -> dict[str, list[Quote]]:
    """Make a call from a model method."""
    return {"quotes": get_object_or_404(Favourite, pk=pk).others()}


@router.get(
    "quotes/export",
    tags=["quotes"],
    response={200: None, 502: Problem},
    openapi_extra={"responses": {200: {"content": LINES}}},
)
async def export(request: HttpRequest) -> StreamingHttpResponse:
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


@router.get("favourites", tags=["favourites"], response=schemas.Favourites)
async def newest(request: HttpRequest, asked: Query[schemas.Page]) -> dict[str, object]:
    """Read from the database, a page at a time."""
    found, following = await get_page(request, Favourite.objects.all(), asked.limit, asked.before)
    return {"favourites": [favourite.as_json() for favourite in found], "next": following}


@router.post("favourites", tags=["favourites"], auth=Bearer(), response={201: schemas.Favourite})
async def add(request: HttpRequest, new: schemas.NewFavourite) -> Status[dict[str, object]]:
    """Write to the database."""
    favourite = await sync_to_async(keep)(new)
    return Status(201, favourite.as_json())


def keep(new: schemas.NewFavourite) -> Favourite:
    """Store a favourite together with the task that announces it: both, or neither."""
    with transaction.atomic():
        favourite = Favourite.objects.create(text=new.text, author=new.author)
        announce.enqueue(favourite.pk)  # in the same transaction: an outage of the queue loses no task
    return favourite
