"""How a mock behaves, as a developer has asked for it."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from msgspec import Meta, Struct

from upstreams.core.keys import read_keys

KINDS = {
    "normal": "respond by example",
    "slow": "respond after some seconds",
    "fail": "respond with the status of an error",
    "limit": "respond with 429 and Retry-After",
    "hang": "take the request and never respond",
    "refuse": "refuse connections, as if nothing ran there",
    "cut": "end the connection in the middle of the body",
    "garbage": "send a body that is not what its type says",
}
"""Kind -> what it does."""
SECONDS = {"slow": 3.0, "limit": 2.0}
"""Kind -> seconds, unless others are given."""


class Behavior(Struct, frozen=True, kw_only=True):
    """What a mock does with requests."""

    behavior: Literal["normal", "slow", "fail", "limit", "hang", "refuse", "cut", "garbage"] = "normal"
    seconds: Annotated[float, Meta(ge=0, le=3600)] | None = None
    """Before a slow response, or that `Retry-After` asks for."""
    status: Annotated[int, Meta(ge=400, le=599)] = 503
    """Of `fail`."""
    ratio: Annotated[float, Meta(gt=0, le=1)] = 1.0
    """The share of requests that it concerns; the others get normal responses."""

    @classmethod
    def read(cls, values: Mapping[str, str]) -> Self:
        """Return the behavior that a form describes; fields that are absent or empty have their defaults.

        Raises:
            ValueError: with one sentence for each mistake.
        """
        given = {name: value.strip() for name, value in values.items() if value.strip()}
        if (kind := given.get("behavior", "normal")) not in KINDS:
            raise ValueError(f"behavior {kind[:50]!r} is none of {', '.join(KINDS)}")
        found, problems = read_keys(cls, given, str, what="field")
        if problems:
            raise ValueError("; ".join(problems))
        return cls(**found)

    @property
    def delay(self) -> float:
        """The seconds that are used."""
        return SECONDS.get(self.behavior, 0) if self.seconds is None else self.seconds

    def __str__(self) -> str:
        details = {
            "slow": f"{self.delay:g} s",
            "limit": f"Retry-After: {self.delay:g}",
            "fail": str(self.status),
        }
        share = "" if self.ratio == 1 else f"{self.ratio:.0%} of requests"
        more = ", ".join(filter(None, [details.get(self.behavior, ""), share]))
        return f"{self.behavior} ({more})" if more else self.behavior
