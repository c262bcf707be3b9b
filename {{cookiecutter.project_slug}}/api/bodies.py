"""Request bodies and queries, typed; a wrong one is a 400 that says what to write instead."""

from typing import Annotated

from django.core.exceptions import BadRequest
from django.http import HttpRequest
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

NO_NUL = r"^[^\x00]+$"  # which PostgreSQL cannot store


class NewFavourite(BaseModel):
    """What a client posts to keep a quote."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
    author: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]


def parsed[Body: BaseModel](request: HttpRequest, into: type[Body]) -> Body:
    """The JSON body of a request.

    Raises:
        BadRequest: it is not JSON, or does not fit; the message names the field.
    """
    try:
        return into.model_validate_json(request.body)
    except ValidationError as error:
        raise _refusal(error, "the body") from None


def asked[Query: BaseModel](request: HttpRequest, into: type[Query]) -> Query:
    """The query of a request; of what is there twice, the last.

    Raises:
        BadRequest: it does not fit; the message names the parameter.
    """
    try:
        return into.model_validate(request.GET.dict())
    except ValidationError as error:
        raise _refusal(error, "the query") from None


def _refusal(error: ValidationError, whole: str) -> BadRequest:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"])) or whole
    return BadRequest(f"{where}: {first['msg']}")
