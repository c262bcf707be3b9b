"""System checks of settings that only go wrong under load."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core import checks


@checks.register(checks.Tags.database)
def databases_suit_async_views(**_: Any) -> list[checks.CheckMessage]:
    """No setting that Django refuses, or that leaks connections, under ASGI."""
    return [
        checks.Error(f'DATABASES["{alias}"]: {what}', id=f"server.{code}")
        for alias, database in settings.DATABASES.items()
        for code, what in faults(database)
    ]


@checks.register(checks.Tags.database, deploy=True)
def one_file_serves_one_replica(**_: Any) -> list[checks.CheckMessage]:
    """An SQLite file is not shared between machines."""
    return [
        checks.Warning(
            f'DATABASES["{alias}"]: SQLite with {settings.REPLICAS} replicas; set DATABASE_URL',
            id="server.W001",
        )
        for alias, database in settings.DATABASES.items()
        if "sqlite3" in database["ENGINE"] and settings.REPLICAS > 1
    ]


def faults(database: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The code and the sentence of each thing that is wrong with one entry of `DATABASES`."""
    options = database.get("OPTIONS", {})
    if database.get("ATOMIC_REQUESTS"):
        yield "E001", "ATOMIC_REQUESTS fails with async views; use transaction.atomic where it is needed"
    if "sqlite3" in database["ENGINE"] and options.get("transaction_mode") != "IMMEDIATE":
        yield "E002", 'without OPTIONS["transaction_mode"] = "IMMEDIATE" two writers fail at once'
    if "postgresql" in database["ENGINE"] and database.get("CONN_MAX_AGE", 0) != 0:
        yield "E003", "CONN_MAX_AGE must be 0; each thread would keep a connection, the pool shares them"
    if "postgresql" in database["ENGINE"] and not options.get("pool"):
        yield "E004", 'without OPTIONS["pool"] each request opens a connection of its own'
