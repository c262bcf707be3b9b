"""How our transport reads a response: by its parser alone, and by a connection whose bytes a test feeds to it."""

import asyncio
import socket

from upstreams.transport.connection import Connection, ConnectionLost
from upstreams.transport.framing import ProtocolError
from upstreams.transport.response import IncomingResponse

from transport.corpus.outcomes import CUT, Outcome, refused

READ_AT_ONCE = 256 * 1024
"""Bytes that asyncio reads from a socket at most."""


def read(pieces, method="GET"):
    """Return how the parser reads a response that arrives in pieces, and then the end of its connection."""
    response = IncomingResponse(method)
    body = b""
    try:
        for piece in pieces:
            response.feed(piece)
            body += response.take()
    except ProtocolError as error:
        return refused(str(error))
    if not response.is_complete:
        response.feed_eof()
    return _outcome(response, body) if response.is_complete else CUT


def _outcome(response, body):
    x = tuple(value for name, value in response.fields if name.lower() == b"x")
    return Outcome(response.status, body, x, response.may_be_followed)


def is_as_expected(outcome, expected):
    """Return whether an outcome is the one of a case, whose reason may be the beginning of it."""
    return outcome.reason.startswith(expected.reason) and outcome._replace(reason="") == expected._replace(
        reason=""
    )


class FedTransport:
    """A transport without a peer, for a connection that a test feeds."""

    def __init__(self):
        self._socket, self._peer = socket.socketpair()
        self.is_aborted = False

    def get_extra_info(self, name):
        return self._socket if name == "socket" else None

    def write(self, data):
        """Send nothing: the response comes from the test."""

    def get_write_buffer_size(self):
        return 0

    def pause_reading(self):
        """Go on: a test feeds no more than a buffer."""

    resume_reading = pause_reading

    def abort(self):
        self.is_aborted = True

    def close(self):
        self._socket.close()
        self._peer.close()


async def exchange(connection, method, pieces):
    """Return the outcome of an exchange whose response arrives in pieces, then the end of its connection if it is not over."""
    task = asyncio.create_task(connection.exchange(method, [b"request"], whole=False))
    await asyncio.sleep(0)
    for piece in pieces:
        if connection.is_open:
            connection.data_received(piece)
    response = connection._response
    if not response.is_complete and connection.is_open:
        connection.eof_received()
    body = b""
    try:
        await task
        while part := await connection.read(response):
            body += part
    except ProtocolError as error:
        return refused(str(error))
    except ConnectionLost:
        return CUT
    reused = connection.end_exchange()
    return _outcome(response, body)._replace(reused=reused)


async def exchanges(first, second):
    """Return the outcomes of two exchanges over one connection; the second is None if there is none.

    Args:
        first: a method and the pieces of a response.
        second: another.
    """
    transport = FedTransport()
    connection = Connection(asyncio.get_running_loop())
    connection.connection_made(transport)
    try:
        outcome = await exchange(connection, *first)
        assert outcome.reused is not transport.is_aborted
        return outcome, await exchange(connection, *second) if outcome.reused else None
    finally:
        transport.close()
