"""Long lists, a page at a time. A page begins after the last row of the one before, not at a number of rows.

So no row is seen twice while others are added, and a late page costs no more than the first. None is missed,
except one that got its id before rows already seen, and was committed after.
"""

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.encoding import escape_uri_path


async def page[M: Model](
    request: HttpRequest, rows: "QuerySet[M]", limit: int, before: int | None
) -> tuple[list[M], str | None]:
    """The newest of the rows, and the path of the next page, if there is one.

    Args:
        limit: rows, at most.
        before: the id of the last row that the client has seen.
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
