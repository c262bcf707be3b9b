"""How a response is read by our parser and by h11, which is that of httpx2, without a connection."""

from typing import NamedTuple

import h11
from transport.corpus.parsing import read


class Read(NamedTuple):
    """What a client made of a response; where it refused it, the status is 0."""

    status: int
    body: bytes = b""


REFUSED = Read(0)


def by_ours(method, pieces):
    outcome = read(pieces, method)
    return Read(outcome.status, outcome.body)


def by_h11(method, pieces):
    """As httpcore drives it: interim responses are skipped, but for 101."""
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=100 * 1024)
    connection.send(h11.Request(method=method, target="/", headers=[("host", "a")]))
    connection.send(h11.EndOfMessage())
    status, body, coming = 0, b"", iter([*pieces, b""])
    try:
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                connection.receive_data(next(coming))
            elif isinstance(event, h11.Response) or getattr(event, "status_code", 0) == 101:
                status = event.status_code
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return Read(status, body)
            elif not isinstance(event, h11.InformationalResponse):
                return REFUSED
            if status == 101:
                return Read(101)
    except (h11.RemoteProtocolError, StopIteration):
        return REFUSED


def difference(ours, theirs):
    """How two clients differ; nothing if they agree."""
    if ours == theirs or not (ours.status or theirs.status):
        return None
    return "we refuse" if not ours.status else "they refuse" if not theirs.status else "read otherwise"
