"""The database backend: it fails fast while PostgreSQL is away, and is back within seconds after an outage of any length.

psycopg's pool waits 1, 2, 4 … 128 s between two attempts to connect, and no request can start one. Here it tries each
second, and requests wait only as long as a connection may be had.
"""

import time
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection, OperationalError
from psycopg_pool import ConnectionPool

from upstreams import conf

RECONNECT_TIMEOUT = 1.0
"""Seconds after which the pool gives up an attempt to connect, and begins another one."""
AWAY_TIME = 10.0
"""Seconds for which requests fail fast, unless the pool confirms it: longer than two attempts that hang."""
MAX_IDLE = 2.0
"""Seconds without use until a connection is closed, one at a time: another worker may be waiting for it."""
CONNECT_OPTIONS = {
    "connect_timeout": 2,  # seconds, the least that libpq takes
    # A server that is gone without a word is noticed within seconds, not after a quarter of an hour.
    "tcp_user_timeout": 5000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}

_away_until: "WeakKeyDictionary[ConnectionPool[Any], float]" = WeakKeyDictionary()


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's connection to PostgreSQL. What `OPTIONS` and its `pool` set wins over the defaults of this module."""

    def __init__(self, settings_dict: dict[str, Any], alias: str = DEFAULT_DB_ALIAS) -> None:
        options: dict[str, Any] = settings_dict["OPTIONS"]
        for name, value in CONNECT_OPTIONS.items():
            options.setdefault(name, value)
        if pool := options.get("pool"):
            options["pool"] = _pool_defaults() | ({} if pool is True else pool)
        super().__init__(settings_dict, alias)

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Take a connection from the pool, or open one if there is no pool.

        Raises:
            OperationalError: PostgreSQL is away, or all connections of the pool are in use for too long.
        """
        pool = self.pool
        if pool is None:
            return super().get_new_connection(conn_params)
        if time.monotonic() < _away_until.get(pool, 0) and not pool.get_stats()["pool_available"]:
            raise OperationalError("PostgreSQL is away: no connection is left, and none can be opened")
        connection = super().get_new_connection(conn_params)
        while not _is_alive(connection):
            # PostgreSQL was restarted while its connections were idle: the others are broken, too.
            pool.drain()
            pool.putconn(connection)
            connection = super().get_new_connection(conn_params)
        _away_until.pop(pool, None)
        return connection


def _pool_defaults() -> dict[str, Any]:
    return {
        "min_size": 0,
        "max_size": 10,
        "timeout": 5,
        # However slow the database is, half of the requests are left to views that do not need it.
        "max_waiting": max(1, conf.parse()[0].limits.max_requests // 2),
        "max_idle": MAX_IDLE,
        "reconnect_timeout": RECONNECT_TIMEOUT,
        "reconnect_failed": _try_again,
    }


def _try_again(pool: "ConnectionPool[Any]") -> None:
    # With connections in use, the pool is no more than busy: PostgreSQL may have no more for this role.
    if not pool.get_stats()["pool_size"]:
        _away_until[pool] = time.monotonic() + AWAY_TIME
        pool.check()  # starts another attempt, so that no request has to


def _is_alive(connection: "Connection[Any]") -> bool:
    # Without a round trip: reads what has arrived, which may be the end of the connection.
    try:
        connection.pgconn.consume_input()
    except OperationalError:
        return False
    return True
