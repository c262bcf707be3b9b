"""Delete many rows without holding them in memory or in one transaction."""

from typing import Any

from django.db.models import QuerySet

BATCH_SIZE = 500


def delete_in_batches(rows: "QuerySet[Any]", by: str) -> None:
    """Delete rows, the lowest ones first, each batch in a transaction of its own.

    Args:
        rows: what to delete. A row that is none of them any more when its turn comes is kept.
        by: the field that the rows are ordered by; an index should have it.

    Raises:
        DatabaseError: the database cannot be used; the batches before stay deleted.
    """
    ordered = rows.order_by(by).values_list("pk", flat=True)
    while keys := list(ordered[:BATCH_SIZE]):
        # Rows that others refer to are read before they are deleted: with their keys alone, not with their content.
        rows.filter(pk__in=keys).only("pk").delete()
