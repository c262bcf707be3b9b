"""Other people's services, as this one sees them. The names below are all that apps need."""

from services.core.background import spawn, spawn_thread
from services.core.errors import (
    AnswerTooLarge,
    BackgroundFull,
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
    "BackgroundFull",
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
    "spawn",
    "spawn_thread",
]
