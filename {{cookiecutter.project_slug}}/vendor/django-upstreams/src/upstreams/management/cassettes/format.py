"""The file of a cassette: YAML that a person can read, check and edit."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import yaml
from msgspec import Meta, Struct

from upstreams.management.cassettes.bodies import Shown, content

HEADER = "# What upstreams responded, recorded by tests with `--record ALIAS`, without credentials.\n"
Phase = Literal["connect", "send", "receive"]


class Sent(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A request: what is compared when it is sent again."""

    method: str
    path: str
    """Below `BASE_URL`, with the query; a whole URL if it is outside of it."""
    headers: dict[str, str] = {}
    body: Shown | None = None

    def content(self) -> bytes:
        """Return the bytes of the body."""
        return b"" if self.body is None else content(self.body)


class Received(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """A response; a streamed body has several chunks."""

    status: Annotated[int, Meta(ge=100, le=599)]
    headers: dict[str, str | list[str]] = {}
    body: Shown | None = None
    chunks: list[Shown] = []

    def contents(self) -> list[bytes]:
        """Return the bytes of each chunk of the body."""
        return [content(one) for one in self.chunks or ([] if self.body is None else [self.body])]


class Failure(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """How an exchange failed: an error of `upstreams.core.errors`; `hang`, if nothing came until the caller gave up;
    or `stopped`, if the caller read no further.
    """

    error: str
    what: str = ""
    phase: Phase | None = None
    reused: bool = False
    limit: tuple[str, float, str] | None = None


class Exchange(Struct, omit_defaults=True, forbid_unknown_fields=True):
    """One attempt: a request, and its response, or its failure, or both if the body was cut."""

    request: Sent
    response: Received | None = None
    failure: Failure | None = None


class Recording(Struct, forbid_unknown_fields=True):
    """The exchanges with one upstream in one test."""

    recorded: datetime
    exchanges: list[Exchange]

    @property
    def age(self) -> int:
        """Whole days since it was recorded."""
        return (datetime.now(UTC) - self.recorded).days


Recordings = dict[str, Recording]


class _Dumper(yaml.SafeDumper):
    """Writes text of several lines as such, and repeats what occurs twice."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def yaml_of(data: Any) -> str:
    """Return data, or a struct, as YAML."""
    plain = msgspec.to_builtins(data)
    text: str = yaml.dump(plain, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110)
    return text


def read(file: Path, shown: Path) -> Recordings:
    """Return the recordings of a file by alias; none if there is no such file.

    Args:
        file: the cassette.
        shown: its path in the message.

    Raises:
        ValueError: it is no cassette.
    """
    if not file.exists():
        return {}
    try:
        found = msgspec.convert(yaml.safe_load(file.read_text("utf-8")), Recordings)
        for recording in found.values():
            for exchange in recording.exchanges:
                _check(exchange)
            if recording.recorded.tzinfo is None:
                recording.recorded = recording.recorded.replace(tzinfo=UTC)
    except (OSError, ValueError, yaml.YAMLError) as error:  # msgspec's error is a ValueError
        why = " ".join(str(error).split())
        raise ValueError(f"{shown} is no cassette: {why}; record it again by --record ALIAS") from None
    return found


def write(file: Path, recordings: Mapping[str, Recording]) -> None:
    """Replace a file as a whole, so that an interrupted run leaves the old one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    new = file.with_name(f".{file.name}.{os.getpid()}")
    new.write_text(HEADER + yaml_of(dict(recordings)), "utf-8", newline="\n")
    new.replace(file)


def _check(exchange: Exchange) -> None:
    if exchange.response is None and exchange.failure is None:
        raise ValueError(f"{exchange.request.path} has neither a response nor a failure")
    bodies = [exchange.request.body]
    if exchange.response is not None:
        bodies += [exchange.response.body, *exchange.response.chunks]
    for body in bodies:
        if body is not None:
            content(body)
