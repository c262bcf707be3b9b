"""Other people's services, as this one sees them. The names below are all that apps need."""

from services.core.errors import (
    AnswerTooLarge,
    BrokenAnswer,
    OpenBreaker,
    RefusedAnswer,
    UnknownAlias,
    UpstreamBusy,
    UpstreamClosing,
    UpstreamError,
    UpstreamTimeout,
    UpstreamUnreachable,
    UpstreamUntrusted,
)
from services.core.upstream import Upstream

__all__ = [
    "AnswerTooLarge",
    "BrokenAnswer",
    "OpenBreaker",
    "RefusedAnswer",
    "UnknownAlias",
    "Upstream",
    "UpstreamBusy",
    "UpstreamClosing",
    "UpstreamError",
    "UpstreamTimeout",
    "UpstreamUnreachable",
    "UpstreamUntrusted",
]
