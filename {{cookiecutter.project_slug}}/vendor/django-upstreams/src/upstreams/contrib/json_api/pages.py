"""Splits long lists into pages. A page begins after the last row of the previous page, not at a row number.

So no row is seen twice while others are added, and a late page costs no more than the first. No row is missed, except
one that got its id before rows that were already seen and was committed after them.
"""

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path


async def get_page[M: Model](
    request: HttpRequest, rows: "QuerySet[M]", limit: int, before: int | None
) -> tuple[list[M], str | None]:
    """Return the newest rows, and the path and query of the next page or None.

    Args:
        request: of this page; the next page has its path and its other parameters.
        rows: to choose from.
        limit: the maximum number of rows.
        before: the id of the last row that the client has seen, from the parameter of that name.
    """
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = [row async for row in rows.order_by("-pk")[: limit + 1]]
    if len(found) <= limit:
        return found, None
    found.pop()
    query = request.GET.copy()
    query["before"] = str(found[-1].pk)
    return found, f"{escape_uri_path(request.path)}?{query.urlencode()}"
