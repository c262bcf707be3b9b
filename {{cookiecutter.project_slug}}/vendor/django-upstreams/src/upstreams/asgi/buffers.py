"""Counts the bytes that connections of `serve` hold for their clients, and bounds those of all together."""

import asyncio
import logging
from typing import Protocol

from upstreams import conf
from upstreams.asgi import metrics

logger = logging.getLogger(__name__)


class Connection(Protocol):
    """A connection of a client."""

    transport: asyncio.Transport

    @property
    def buffer_size(self) -> int:
        """Bytes that it holds."""


class Buffers:
    """The bytes that all connections of this process hold."""

    def __init__(self) -> None:
        self._sizes: dict[Connection, int] = {}  # in the order of their growth
        self._total = 0

    def grown(self, connection: Connection) -> None:
        """Count the bytes of a connection; close the oldest ones if there are too many."""
        self.forget(connection)
        self._set(connection)
        limit = conf.current().limits.max_total_buffer_size
        if self._total > limit:
            self._make_room(limit)

    def forget(self, connection: Connection) -> None:
        """Count a connection no longer."""
        self._total -= self._sizes.pop(connection, 0)

    def _set(self, connection: Connection) -> None:
        size = connection.buffer_size
        self._total += size
        if size:
            self._sizes[connection] = size

    def _make_room(self, limit: int) -> None:
        # What has been sent or handled in the meantime was not counted: it would cost each request something.
        before, connections = self._total, [*self._sizes]
        self._sizes, self._total = {}, 0
        for connection in connections:
            self._set(connection)
        # Down to less than needed, so that not every further byte looks at all of them.
        left, closed = limit if self._total <= limit else limit * 3 // 4, 0
        for connection in [*self._sizes][:-1]:  # the last one has just grown
            if self._total <= left:
                break
            self.forget(connection)
            connection.transport.abort()
            metrics.rejected("buffers")
            closed += 1
        if closed:
            logger.warning("closed %d connections: the buffers of all held %d bytes", closed, before)


buffers = Buffers()
"""Of this process."""
