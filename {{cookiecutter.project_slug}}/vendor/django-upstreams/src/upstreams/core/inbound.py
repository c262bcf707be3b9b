"""The settings of what other services send: webhooks, and requests with an `Idempotency-Key`."""

import re
from base64 import b64decode
from typing import Annotated

from msgspec import Meta, Struct

from upstreams.core.fields import Count, Seconds
from upstreams.core.secrets import Secret

PREFIX = "whsec_"
DAY = 24 * 3600


class WebhookSecret(Secret):
    """A symmetric secret of the Standard Webhooks specification."""

    # Base64 with or without padding; 32 characters are 24 bytes, which the specification demands at least.
    pattern = re.compile(
        PREFIX + r"(?:[A-Za-z0-9+/]{4}){8,}(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?", re.ASCII
    )
    form = f'"{PREFIX}" and the base64 of at least 24 bytes'

    @property
    def key(self) -> bytes:
        """The bytes that sign."""
        return b64decode(self.reveal().removeprefix(PREFIX) + "==")


class WebhookSource(Struct, frozen=True, kw_only=True, rename="upper"):
    """One entry of `UPSTREAMS_WEBHOOKS`. Times are in seconds."""

    secrets: Annotated[list[WebhookSecret], Meta(min_length=1)]
    """Any of them may have signed a webhook; several, while the sender changes to another one."""
    tolerance: Seconds = 300
    """By which the time of a webhook may differ from ours, in both directions."""
    retention: Seconds = 14 * DAY
    """For which an id is known after its webhook has arrived; longer than the sender tries again."""

    def __post_init__(self) -> None:
        if self.retention <= 2 * self.tolerance:
            raise ValueError("RETENTION must be more than twice TOLERANCE, or a webhook can be replayed")


class Idempotency(Struct, frozen=True, kw_only=True, rename="upper"):
    """`UPSTREAMS_IDEMPOTENCY`."""

    expiry: Seconds = DAY
    """Seconds for which a response is stored and replayed."""
    max_response_size: Count = 1024 * 1024
    """Bytes of the body of a response that is stored."""
