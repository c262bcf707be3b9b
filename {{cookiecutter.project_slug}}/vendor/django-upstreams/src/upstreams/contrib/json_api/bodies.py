"""Typed request bodies, queries and responses. What does not fit its type is a 400 that says what to write instead."""

from typing import Any

import msgspec
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

from upstreams.core.validation import ValidationError, convert, decode_json


def parse_body[Body](request: HttpRequest, into: type[Body]) -> Body:
    """Return the JSON body of a request as a value of a type.

    Args:
        request: the body must have arrived, as it has in a view.
        into: a dataclass, a `msgspec.Struct`, or another type that `upstreams.core.validation` knows.

    Raises:
        BadRequest: the body is not JSON, or does not fit; the message names the field.
    """
    try:
        body: Body = decode_json(request.body, into, quoting=True)
    except ValidationError as error:
        raise BadRequest(f"{error.path or 'the body'}: {error.message}") from None
    return body


def parse_query[Query](request: HttpRequest, into: type[Query]) -> Query:
    """Return the query of a request as a value of a type. Of a repeated parameter, the last value counts.

    Args:
        request: of any method.
        into: as for `parse_body`.

    Raises:
        BadRequest: the query does not fit; the message names the parameter.
    """
    try:
        query: Query = convert(request.GET.dict(), into)
    except ValidationError as error:
        raise BadRequest(f"{error.path or 'the query'}: {error.message}") from None
    return query


def json_response(value: Any, status: int = 200) -> HttpResponse:
    """Return a JSON response, of dataclasses, dates and whatever else msgspec encodes."""
    return HttpResponse(msgspec.json.encode(value), status=status, content_type="application/json")
