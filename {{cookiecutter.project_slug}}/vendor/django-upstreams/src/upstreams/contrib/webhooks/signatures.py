"""Signatures of version 1 of the Standard Webhooks specification: HMAC-SHA256 of id, time and body as it was received.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import hmac
import re
import time
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256

from upstreams.core.inbound import WebhookSource

ID, TIMESTAMP, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
IDS = re.compile(r"[!-~]{1,255}")
TIMESTAMPS = re.compile(r"[0-9]{1,12}")
VERSION = "v1"
"""The symmetric one. `v1a`, with Ed25519, would need a library; signatures of other versions are passed over."""


class InvalidWebhook(Exception):
    """A request that is no webhook of its source.

    Args:
        status: 400 if it cannot be read, 401 if it is not from the source, or not from now.
        detail: a sentence for the person who sets up the sender; it names no secret and no signature.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status


def verify(source: WebhookSource, headers: Mapping[str, str], body: bytes) -> str:
    """Return the id of a webhook.

    Args:
        source: whose secrets are valid.
        headers: of the request, found by their names in any case.
        body: as it was received.

    Raises:
        InvalidWebhook: it is not valid.
    """
    if missing := [name for name in (ID, TIMESTAMP, SIGNATURE) if not headers.get(name)]:
        raise InvalidWebhook(400, f"{', '.join(missing)}: is missing")
    webhook_id, timestamp = headers[ID], headers[TIMESTAMP]
    if not IDS.fullmatch(webhook_id):
        raise InvalidWebhook(400, f"{ID}: must be 1 to 255 visible ASCII characters")
    if not TIMESTAMPS.fullmatch(timestamp):
        raise InvalidWebhook(400, f"{TIMESTAMP}: must be whole seconds since 1970")
    given = [part.partition(",") for part in headers[SIGNATURE].split(" ")]
    signatures = [signature.encode() for version, _, signature in given if version == VERSION]
    if not signatures:
        raise InvalidWebhook(400, f"{SIGNATURE}: has no signature of version {VERSION}")
    age = time.time() - int(timestamp)
    if abs(age) > source.tolerance:
        when = "past" if age > 0 else "future"
        raise InvalidWebhook(401, f"{TIMESTAMP}: is more than {source.tolerance:g} s in the {when}")
    expected = [sign(secret.key, webhook_id, timestamp, body) for secret in source.secrets]
    # A list, so that the time does not depend on which one is right.
    if not any([hmac.compare_digest(ours, theirs) for ours in expected for theirs in signatures]):  # noqa: C419
        raise InvalidWebhook(401, f"{SIGNATURE}: no signature matches")
    return webhook_id


def sign(key: bytes, webhook_id: str, timestamp: str, body: bytes) -> bytes:
    """Return a signature without its version, in base64."""
    return b64encode(hmac.digest(key, f"{webhook_id}.{timestamp}.".encode() + body, sha256))
