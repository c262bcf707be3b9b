"""`DATABASES` from a URL, with the options that an ASGI service needs."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def database_from_url(
    text: str, *, pool: int = 10, statement_timeout: float = 5, pgbouncer: bool = False
) -> dict[str, Any]:
    """Return an entry of `DATABASES`.

    Args:
        text: `sqlite:///db.sqlite3` or `postgresql://user:password@host:5432/name?sslmode=require`.
        pool: connections to PostgreSQL that a process may hold.
        statement_timeout: seconds after which PostgreSQL cancels a query.
        pgbouncer: whether the URL is that of a PgBouncer in transaction mode.

    Raises:
        ImproperlyConfigured: the URL is of neither form.
    """
    url = urlsplit(text)
    name = url.path.removeprefix("/")
    try:
        port = url.port or 5432
    except ValueError:  # its message may contain a part of the password
        port = 0
    if url.scheme == "sqlite" and name and not url.query:
        return _sqlite(name)
    if url.scheme in ("postgres", "postgresql") and url.hostname and name and port:
        options = _postgresql(dict(parse_qsl(url.query)), pool, statement_timeout, pgbouncer)
        return {
            "HOST": url.hostname,
            "PORT": port,
            "NAME": unquote(name),
            "USER": unquote(url.username or ""),
            "PASSWORD": unquote(url.password or ""),
            **options,
        }
    raise ImproperlyConfigured(
        "DATABASE_URL: write sqlite:///db.sqlite3 or postgresql://user:password@host:5432/name?sslmode=require, "
        "with %2F for a slash in the password"
    )


def _postgresql(
    options: dict[str, Any], pool: int, statement_timeout: float, pgbouncer: bool
) -> dict[str, Any]:
    options["pool"] = {"max_size": pool}
    if pgbouncer:
        # In transaction mode, prepared statements and session settings do not outlive a transaction.
        return {
            "ENGINE": "upstreams.postgresql",
            "OPTIONS": {**options, "prepare_threshold": None},
            "DISABLE_SERVER_SIDE_CURSORS": True,
        }
    options["options"] = f"-c statement_timeout={int(statement_timeout * 1000)}"
    return {"ENGINE": "upstreams.postgresql", "OPTIONS": options}


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        # Persistent: threads are reused and their number is bounded, and opening costs more than a query.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that reads and then writes fails at once if another one has written meanwhile.
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }
