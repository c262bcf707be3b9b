# example: quotes
"""What clients send, typed; a request that does not fit is a 400 that names the field."""

from typing import Annotated

from msgspec import Meta, Struct

NO_NUL = r"^[^\x00]+$"  # PostgreSQL cannot store it


class NewFavourite(Struct, frozen=True, forbid_unknown_fields=True):
    """The body that keeps a quote."""

    text: Annotated[str, Meta(max_length=2000, pattern=NO_NUL)]
    author: Annotated[str, Meta(max_length=200, pattern=NO_NUL)]


class Page(Struct, frozen=True):
    """The query of a list."""

    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    before: Annotated[int, Meta(ge=1)] | None = None
    """The id of the last row that the client has seen."""
