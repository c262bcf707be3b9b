"""What one worker asks another, or itself."""

from typing import Literal

import msgspec
from msgspec import Struct

Command = Literal["open", "reset", "drain", "probe"]


class Look(Struct, tag="look", forbid_unknown_fields=True):
    """Asks for the state.

    Args:
        since: the samples and failed calls up to this time are known, in seconds of `time.time()`.
    """

    since: float


class Order(Struct, tag="order", forbid_unknown_fields=True):
    """Asks to do something.

    Args:
        command: what.
        alias: of the upstream.
        why: for the breaker's last change and the log.
    """

    command: Command
    alias: str
    why: str


class Outcome(Struct, forbid_unknown_fields=True):
    """Whether an order was carried out.

    Args:
        problem: why it was not; empty if it was.
    """

    problem: str


decode = msgspec.json.Decoder(Look | Order).decode
