"""What `enqueue` means inside a transaction: the task runs if the transaction commits, whichever backend keeps it."""

from collections.abc import Callable

from django.db import transaction


def when_committed(function: Callable[[], object]) -> None:
    """Call a function after the transaction around this call has committed, or at once if there is none.

    Args:
        function: without arguments. Its error is raised where the transaction ends.
    """
    connection = transaction.get_connection()
    if connection.in_atomic_block:
        connection.on_commit(function)
    else:
        function()  # `on_commit` would connect to the database, of which this may be the only use
