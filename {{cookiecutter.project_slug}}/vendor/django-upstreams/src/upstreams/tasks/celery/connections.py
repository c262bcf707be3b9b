"""Connections for enqueueing that end within a time limit, and do not wait for a broker that blocks publishers."""

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from amqp.exceptions import AMQPError, MessageNacked
from kombu import Connection
from kombu.connection import ConnectionPool
from kombu.exceptions import KombuError
from kombu.transport import pyamqp
from redis.exceptions import RedisError

BROKER_ERRORS = (KombuError, AMQPError, RedisError, OSError)

_thread = threading.local()


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Bound all that the block waits for on connections that `bound` has prepared."""
    _thread.deadline = monotonic() + seconds
    try:
        yield
    finally:
        del _thread.deadline


def time_left() -> float:
    """Return the seconds that are left of `time_limit`; outside of it, there is no limit."""
    deadline: float = getattr(_thread, "deadline", math.inf)
    return deadline - monotonic()


def bound(connection: Any) -> Any:
    """Apply `time_limit` to a connection to RabbitMQ that is not open yet. Redis has a timeout for each command."""
    if connection.transport.driver_type == "amqp":
        connection.transport.Connection = BoundedConnection
    return connection


def drop(connection: Connection) -> None:
    """Close a connection whose broker may not respond, or may wait for the end of half a message."""
    if connection.transport.driver_type == "amqp":
        connection.collect()  # `close` talks to the broker
    else:
        connection.close()


class BrokerBlocked(ConnectionError):
    """RabbitMQ takes no messages, because of an alarm."""


def is_blocked(error: BaseException) -> bool:
    """Return whether an error, or the one that kombu has translated, says that the connection is blocked."""
    return isinstance(error.__cause__ or error, BrokerBlocked)


def may_succeed_again(error: BaseException, *, was_open: bool) -> bool:
    """Return whether the same message may be accepted on a new connection.

    Args:
        error: of the first attempt.
        was_open: the connection was open before, and so may have been dead for long.
    """
    if is_blocked(error) or time_left() <= 0:
        return False
    return was_open or isinstance(error.__cause__, MessageNacked)  # as by a queue that has just been declared


class BoundedConnection(pyamqp.Connection):
    """A connection to RabbitMQ on which no wait exceeds `time_limit`, and none begins or goes on while it is blocked."""

    def __init__(self, **options: Any) -> None:
        self._is_blocked = False
        super().__init__(on_blocked=self._block, on_unblocked=self._unblock, **options)

    def drain_events(self, timeout: float | None = None) -> None:
        """Read until something has arrived; every wait of the library ends here.

        Raises:
            BrokerBlocked: RabbitMQ has blocked the connection.
            TimeoutError: nothing has arrived.
        """
        try:
            self._drain(timeout)
            while self._is_blocked:  # until the end of the alarm, if that has arrived, too
                self._drain(0)
        except TimeoutError:
            if self._is_blocked:
                raise BrokerBlocked("it blocks publishers: an alarm of its memory or disk") from None
            raise

    def _drain(self, timeout: float | None) -> None:
        left = time_left()
        if left <= 0:
            raise TimeoutError("timed out")
        if left < math.inf:
            timeout = left if timeout is None else min(timeout, left)
        super().drain_events(timeout)

    def _block(self, _: str) -> None:
        self._is_blocked = True

    def _unblock(self) -> None:
        self._is_blocked = False


class Alarm:
    """Keeps one connection that RabbitMQ has blocked, on which it says when the alarm is over.

    A new connection for each message would leave many behind in a broker that is short of memory: it does not notice
    the end of a connection that it has blocked.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocked: Any = None

    def keep(self, connection: Connection, error: BaseException) -> bool:
        """Return True and keep the connection if the error is that it was blocked, and no other one is kept."""
        with self._lock:
            if self._blocked is None and is_blocked(error):
                self._blocked = connection
                return True
            return False

    def check(self) -> None:
        """Return if messages can be sent.

        Raises:
            BrokerBlocked: the alarm is not over.
        """
        with self._lock:
            if self._blocked is None:
                return
            try:
                self._blocked.drain_events(timeout=0)
            except BrokerBlocked:
                raise
            except BROKER_ERRORS:  # it has ended, or there is nothing to read
                pass
            drop(self._blocked)
            self._blocked.release()
            self._blocked = None


class ForkSafePool(ConnectionPool):
    """A pool that a forked child does not close: these sockets are its parent's."""

    # Private: ConnectionPool.close_after_fork (kombu 5.7). tasks/celery/test_worker.py forks with open connections.
    close_after_fork = False

    def new(self) -> Any:
        connection: Any = super().new()  # of another class than ours, which may choose its transport
        connection.get_transport_cls = self.connection.get_transport_cls
        return connection
