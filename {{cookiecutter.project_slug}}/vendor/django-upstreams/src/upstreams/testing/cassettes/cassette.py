"""The cassette of a test: what was recorded of each of its upstreams, or is being recorded now."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from upstreams.core.definition import Definition
from upstreams.management.cassettes.bodies import shown
from upstreams.management.cassettes.format import Exchange, Failure, Received, Recording, Sent
from upstreams.testing import complaints
from upstreams.testing.cassettes.requests import described, difference, is_same
from upstreams.testing.cassettes.scrubber import Scrubber

NOT_KEPT = {"connection", "keep-alive", "transfer-encoding"}
"""Response headers of one connection."""


@dataclass
class Taken:
    """An exchange as it happens, with its credentials: in memory alone."""

    method: str
    path: str
    request_headers: list[tuple[str, str]]
    request_body: list[bytes] = field(default_factory=list)
    status: int = 0
    response_headers: list[tuple[str, str]] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=list)
    is_streamed: bool = False
    failure: Failure | None = None


class Tape:
    """What is being recorded of one upstream.

    Args:
        remove: names of headers and fields that are removed, too.
    """

    def __init__(self, remove: Iterable[str]) -> None:
        self.taken: list[Taken] = []
        self.scrubber = Scrubber(remove)

    def recording(self) -> Recording:
        """Return the exchanges without credentials: one that is known from any of them is removed from all."""
        for _ in range(2):  # first, all of them are learned
            exchanges = [self._exchange(taken) for taken in self.taken if taken.status or taken.failure]
        return Recording(recorded=datetime.now(UTC).replace(microsecond=0), exchanges=exchanges)

    def _exchange(self, taken: Taken) -> Exchange:
        body = b"".join(taken.request_body)
        sent = described(taken.method, taken.path, taken.request_headers, body, self.scrubber)
        response = self._received(taken) if taken.status else None
        failure = taken.failure
        if failure is not None:
            what = self.scrubber.values(failure.what)
            failure = Failure(failure.error, what, failure.phase, failure.reused, failure.limit)
        return Exchange(request=sent, response=response, failure=failure)

    def _received(self, taken: Taken) -> Received:
        headers: dict[str, str | list[str]] = {}
        for name, value in self.scrubber.response_headers(taken.response_headers):
            if name not in NOT_KEPT:
                text = self.scrubber.values(self.scrubber.fields(value))
                known = headers.get(name, [])
                headers[name] = [*([known] if isinstance(known, str) else known), text] if known else text
        whole = b"".join(taken.chunks)
        clean = self._clean(whole)
        received = Received(status=taken.status, headers=headers)
        chunks = [self._clean(chunk) for chunk in taken.chunks]
        if taken.is_streamed and len(chunks) > 1 and b"".join(chunks) == clean:
            received.chunks = [shown(chunk, is_part=True) for chunk in chunks]
        elif clean:  # as a whole, too, if a credential lies across two chunks
            received.body = shown(clean, is_part=taken.is_streamed)
        return received

    def _clean(self, body: bytes) -> bytes:
        text = body.decode("utf-8", "surrogateescape")
        return self.scrubber.values(self.scrubber.fields(text)).encode("utf-8", "surrogateescape")


class Playback:
    """What is left of a recording to replay.

    Args:
        alias: the upstream.
        recording: of it.
        file: that the recording is from, for messages.
        remove: names of headers and fields that are removed, too.
        how: the command that records an upstream, with `{}` for its alias.
    """

    def __init__(self, alias: str, recording: Recording, file: Path, remove: Iterable[str], how: str) -> None:
        self._alias = alias
        self._again = how.format(alias)
        self._file = file
        self._all = recording.exchanges
        self._left = list(recording.exchanges)
        self._scrubber = Scrubber(remove)

    def learn(self, definition: Definition) -> None:
        """Remember the credentials of the settings, which are removed from requests before these are compared."""
        self._scrubber.learn_settings(definition)

    def next(
        self, method: str, path: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> tuple[Sent, Exchange]:
        """Return the request as it is compared, and the next exchange of it that has not been replayed.

        Raises:
            AssertionError: there is none.
        """
        sent = described(method, path, headers, body, self._scrubber)
        for exchange in self._left:
            if is_same(exchange.request, sent):
                self._left.remove(exchange)
                return sent, exchange
        called = f"{self._alias} was called by {method} {sent.path}"
        again = f"if that is right, run {self._again}"
        times = sum(is_same(exchange.request, sent) for exchange in self._all)
        if times:
            often = f"{times} time{'s'[: times > 1]}"
            raise complaints.add(f"{called} more often than the {often} recorded in {self._file}; {again}")
        if not self._left:
            raise complaints.add(f"{called} after all that is recorded in {self._file}; {again}")
        diff = difference(sent, [exchange.request for exchange in self._left])
        raise complaints.add(f"{called}, which is not recorded in {self._file}; {again}", f"\n{diff}")

    def check(self) -> None:
        """Complain about exchanges that were not replayed."""
        if self._left:
            calls = ", ".join(f"{one.request.method} {one.request.path}".rstrip() for one in self._left)
            what = f"{self._alias} was not called by {calls}, recorded in {self._file}"
            complaints.add(f"{what}; if that is right, run {self._again}")

    def complain_of_the_end(self, sent: Sent) -> AssertionError:
        """Return the error for a body that was not read further when it was recorded."""
        what = f"{self._alias}: {sent.method} {sent.path}: the body in {self._file} ends where the test stopped reading"
        return complaints.add(f"{what}; run {self._again}")
