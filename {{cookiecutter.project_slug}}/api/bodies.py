"""Request bodies, queries and answers, typed; what does not fit is a 400 that says what to write instead."""

from typing import Annotated, Any

import msgspec
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from msgspec import Meta, Struct

from services.core.typed import Mismatch, converted, decoded

NO_NUL = r"^[^\x00]+$"  # which PostgreSQL cannot store


class NewFavourite(Struct, frozen=True, forbid_unknown_fields=True):
    """What a client posts to keep a quote."""

    text: Annotated[str, Meta(max_length=2000, pattern=NO_NUL)]
    author: Annotated[str, Meta(max_length=200, pattern=NO_NUL)]


class Page(Struct, frozen=True):
    """What a client may ask of a list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    before: Annotated[int, Meta(ge=1)] | None = None
    """The id of the last row that it has seen."""


def parsed[Body](request: HttpRequest, into: type[Body]) -> Body:
    """The JSON body of a request.

    Raises:
        BadRequest: it is not JSON, or does not fit; the message names the field.
    """
    try:
        body: Body = decoded(request.body, into, quoting=True)
    except Mismatch as error:
        raise BadRequest(f"{error.where or 'the body'}: {error.what}") from None
    return body


def asked[Query](request: HttpRequest, into: type[Query]) -> Query:
    """The query of a request; of what is there twice, the last.

    Raises:
        BadRequest: it does not fit; the message names the parameter.
    """
    try:
        query: Query = converted(request.GET.dict(), into)
    except Mismatch as error:
        raise BadRequest(f"{error.where or 'the query'}: {error.what}") from None
    return query


def json_response(value: Any, status: int = 200) -> HttpResponse:
    """An answer in JSON, of dataclasses, dates and whatever else msgspec writes."""
    return HttpResponse(msgspec.json.encode(value), status=status, content_type="application/json")
