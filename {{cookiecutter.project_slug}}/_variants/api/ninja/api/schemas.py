# example: quotes
"""What clients send and get, typed: it makes the OpenAPI schema, and a request that does not fit is a 400."""

from typing import Annotated

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NO_NUL = r"^[^\x00]+$"  # PostgreSQL cannot store it


class Quote(Schema):
    """A quote."""

    text: str
    author: str


class Quotes(Schema):
    """Several quotes."""

    quotes: list[Quote]


class NewFavourite(BaseModel):
    """The body that keeps a quote."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
    author: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]


class Page(BaseModel):
    """The query of a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    before: Annotated[int, Field(ge=1)] | None = None
    """The id of the last row that the client has seen."""


class Favourite(Schema):
    """A quote that is kept."""

    id: int
    text: str
    author: str
    created: Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Favourites(Schema):
    """A page of favourites, the newest first."""

    favourites: list[Favourite]
    next: Annotated[str | None, Field(description="The path of the next page, if there is one.")]
