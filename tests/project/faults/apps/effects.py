"""What a webhook causes: a row, and work that takes a while."""

from django.db import connection


def add(webhook_id: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO effects VALUES (%s)", [webhook_id])
        cursor.execute("SELECT pg_sleep(0.05)")


def add_unless_seen(webhook_id: str) -> None:
    """Do the same once for an id, if nothing goes wrong in between."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM seen WHERE id = %s", [webhook_id])
        if cursor.fetchone() is None:
            add(webhook_id)
            cursor.execute("INSERT INTO seen VALUES (%s) ON CONFLICT DO NOTHING", [webhook_id])
