"""The cassette of one test while it runs: some of its upstreams are recorded, the others replayed."""

from collections.abc import Collection
from pathlib import Path

from upstreams.core.definition import Definition
from upstreams.core.httpx import Transport
from upstreams.management.cassettes import format as files
from upstreams.management.cassettes.format import Recording
from upstreams.testing.cassettes.cassette import Playback, Tape
from upstreams.testing.cassettes.marked import Marked
from upstreams.testing.cassettes.transports import Recorder, Replayer
from upstreams.transport.selection import transport_for


class Recorded:
    """Makes the transports of an upstream that is recorded.

    Args:
        tape: for all of them: each event loop has its own.
    """

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    def opened(self, definition: Definition) -> Transport:
        return Recorder(transport_for(definition), definition, self.tape)


class Replayed:
    """Makes the transports of an upstream that is replayed.

    Args:
        playback: for all of them.
        recording: that it is from.
    """

    def __init__(self, playback: Playback, recording: Recording) -> None:
        self.playback = playback
        self.recording = recording

    def opened(self, definition: Definition) -> Transport:
        return Replayer(definition, self.playback, self.recording)


class Session:
    """Takes the place of the upstreams of one test.

    Args:
        found: what the markers of the test say.
        record: aliases to record.
        shown: the file, for messages.
        test: its id, for messages.
        how: the command that records an upstream, with `{}` for its alias.

    Attributes:
        substitutes: what takes the place of each upstream, by alias.

    Raises:
        LookupError: there is nothing to replay.
        ValueError: the file is no cassette.
    """

    def __init__(self, found: Marked, record: Collection[str], shown: Path, test: str, how: str) -> None:
        self._file = found.file
        self._shown = shown
        self._recordings = files.read(found.file, shown)
        self.substitutes: dict[str, Recorded | Replayed] = {}
        for alias in found.aliases:
            if alias in record:
                self.substitutes[alias] = Recorded(Tape(found.remove))
            elif (recording := self._recordings.get(alias)) is not None:
                playback = Playback(alias, recording, shown, found.remove, how)
                self.substitutes[alias] = Replayed(playback, recording)
            else:
                command = f"{how.format(alias)} '{test}'"
                raise LookupError(f"upstream {alias} is not recorded in {shown}; run {command}")

    def check(self) -> None:
        """Complain about recorded calls that the test has not made."""
        for one in self.substitutes.values():
            if isinstance(one, Replayed):
                one.playback.check()

    def end(self, *, is_kept: bool) -> list[str]:
        """Write what was recorded, and return a line for each upstream: alias, time, and what was done.

        Args:
            is_kept: whether the test has passed; else the old file stays.
        """
        lines = []
        is_new = False
        for alias, one in self.substitutes.items():
            if isinstance(one, Replayed):
                lines.append(f"{alias} {one.recording.recorded.isoformat()} replayed")
                continue
            recording = one.tape.recording()
            count = len(recording.exchanges)
            what = f"{count} exchange{'s'[: count != 1]} recorded in {self._shown}"
            if is_kept:
                self._recordings[alias] = recording
                is_new = True
            else:
                what = f"nothing written to {self._shown}: the test failed"
            lines.append(f"{alias} {recording.recorded.isoformat()} {what}")
        if is_new:
            files.write(self._file, self._recordings)
        return lines
