"""Webhooks as their sender signs them."""

import time
import uuid

from upstreams import conf
from upstreams.contrib.webhooks.signatures import (
    ID,
    SIGNATURE,
    TIMESTAMP,
    VERSION,
    sign,
)


def sign_webhook(
    source: str, body: bytes | str, *, webhook_id: str | None = None, timestamp: int | None = None
) -> dict[str, str]:
    """Return the headers with which a source sends a body.

    Args:
        source: the key in `UPSTREAMS_WEBHOOKS`, whose first secret signs.
        body: exactly what the request sends.
        webhook_id: to send the same webhook again; by default a new one.
        timestamp: seconds since 1970; by default now.

    Raises:
        KeyError: the source is not in the settings.
    """
    webhook_id = webhook_id or f"msg_{uuid.uuid4().hex}"
    sent = str(int(time.time()) if timestamp is None else timestamp)
    content = body.encode() if isinstance(body, str) else body
    signature = sign(conf.current().webhooks[source].secrets[0].key, webhook_id, sent, content).decode()
    return {ID: webhook_id, TIMESTAMP: sent, SIGNATURE: f"{VERSION},{signature}"}
