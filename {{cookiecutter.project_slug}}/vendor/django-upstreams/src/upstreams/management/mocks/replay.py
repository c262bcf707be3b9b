"""Responses of a mock from the cassettes of tests."""

import itertools
import json
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from upstreams.management.cassettes.dates import shifted
from upstreams.management.cassettes.format import Exchange, Received, Recording, read
from upstreams.management.mocks.reply import Asked, Reply

logger = logging.getLogger(__name__)
NOT_SENT = {"connection", "content-encoding", "content-length", "keep-alive", "transfer-encoding"}
"""Headers of the body as it came; it is recorded decoded, and its parts are joined."""
FIRST_ERROR = 400

Recorded = tuple[Recording, Exchange, Received, str]


class Replay:
    """Responds with what was recorded, to requests that are about the same.

    Of several exchanges of a path, those with the same query and body come first. Errors are used where no success
    was recorded. What is left takes turns.

    Args:
        alias: the upstream.
        files: its cassettes. One that cannot be read is logged, and left out.
        root: of the project, for names in the log.
        addresses: its `BASE_URL`, and that of the mock, which takes its place in headers and text.
    """

    def __init__(self, alias: str, files: Sequence[Path], root: Path, addresses: tuple[str, str]) -> None:
        self._addresses = addresses
        self._turns: dict[Any, Iterator[int]] = {}
        self._all = [one for file in files for one in _recorded(alias, file, str(file.relative_to(root)))]

    def paths(self) -> list[str]:
        """Return what it has, such as `GET /items/7`."""
        return list(dict.fromkeys(f"{one.request.method} /{one.request.path}" for _, one, _, _ in self._all))

    def reply(self, asked: Asked) -> Reply | None:
        """Return the response to a request, or None if there is none."""
        found = [one for one in self._all if _is_about(one[1], asked)]
        if not found:
            return None
        best = max(_closeness(exchange, asked) for _, exchange, _, _ in found)
        found = [one for one in found if _closeness(one[1], asked) == best]
        found = [one for one in found if one[2].status < FIRST_ERROR] or found
        turn = next(self._turns.setdefault((asked.method, asked.path, best), itertools.count()))
        return self._reply(*found[turn % len(found)])

    def _reply(self, recording: Recording, _: Exchange, response: Received, file: str) -> Reply:
        headers = [
            (name, text)
            for name, value in response.headers.items()
            if name.lower() not in NOT_SENT
            for text in ([value] if isinstance(value, str) else value)
        ]
        dated = shifted(headers, recording.recorded)
        return Reply(
            response.status,
            [(name, text.replace(*self._addresses)) for name, text in dated],
            [self._moved(chunk) for chunk in response.contents()],
            f"from {file}",
        )

    def _moved(self, chunk: bytes) -> bytes:
        real, mock = (address.encode() for address in self._addresses)
        return chunk.replace(real, mock)


def _recorded(alias: str, file: Path, name: str) -> Iterator[Recorded]:
    try:
        recording = read(file, Path(name))[alias]
    except (ValueError, KeyError) as error:
        logger.warning("%s: %s", alias, error)
        return
    for exchange in recording.exchanges:
        if exchange.response is not None and exchange.failure is None:
            yield recording, exchange, exchange.response, name


def _is_about(exchange: Exchange, asked: Asked) -> bool:
    return (exchange.request.method, exchange.request.path.partition("?")[0]) == (asked.method, asked.path)


def _closeness(exchange: Exchange, asked: Asked) -> tuple[bool, bool]:
    query = exchange.request.path.partition("?")[2]
    return _pairs(query) == _pairs(asked.query), _value(exchange.request.content()) == _value(asked.body)


def _pairs(query: str) -> list[tuple[str, str]]:
    return sorted(parse_qsl(query, keep_blank_values=True))


def _value(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body
