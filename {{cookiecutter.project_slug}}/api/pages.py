"""Long lists, a page at a time. A page begins after the last row of the one before, not at a number of rows.

So no row is seen twice while others are added, and a late page costs no more than the first. None is missed,
except one that got its id before rows already seen, and was committed after.
"""

from typing import Annotated

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path
from pydantic import BaseModel, Field


class Page(BaseModel):
    """What a client may ask of a list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    before: Annotated[int, Field(ge=1)] | None = None
    """The id of the last row that it has seen."""


async def page[M: Model](
    request: HttpRequest, rows: "QuerySet[M]", asked: Page
) -> tuple[list[M], str | None]:
    """The newest of the rows, and the path of the next page, if there is one."""
    if asked.before is not None:
        rows = rows.filter(pk__lt=asked.before)
    found = [row async for row in rows.order_by("-pk")[: asked.limit + 1]]
    if len(found) <= asked.limit:
        return found, None
    found.pop()
    query = request.GET.copy()
    query["before"] = str(found[-1].pk)
    return found, f"{escape_uri_path(request.path)}?{query.urlencode()}"
