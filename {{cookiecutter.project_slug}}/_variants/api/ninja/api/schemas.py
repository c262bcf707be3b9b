"""What clients send and get, typed: the schema says it, and a request that does not fit is a 400."""

from typing import Annotated

from ninja import Schema
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

NO_NUL = r"^[^\x00]+$"  # which PostgreSQL cannot store


class Quote(Schema):
    """What somebody has said."""

    text: str
    author: str


class Quotes(Schema):
    """Several of them."""

    quotes: list[Quote]


class NewFavourite(BaseModel):
    """What a client posts to keep a quote."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, StringConstraints(max_length=2000, pattern=NO_NUL)]
    author: Annotated[str, StringConstraints(max_length=200, pattern=NO_NUL)]


class Page(BaseModel):
    """What a client may ask of a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    before: Annotated[int, Field(ge=1)] | None = None
    """The id of the last row that it has seen."""


class Favourite(Schema):
    """A quote that is kept."""

    id: int
    text: str
    author: str
    created: Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class Favourites(Schema):
    """A page of them, the newest first."""

    favourites: list[Favourite]
    next: Annotated[str | None, Field(description="The path of the next page, if there is one.")]
