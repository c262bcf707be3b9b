"""Calls the functions that secrets come from."""

import logging
from time import monotonic

from upstreams.core.call import Call
from upstreams.core.errors import UpstreamCredentialsError
from upstreams.core.secrets import Secret
from upstreams.policies import functions

logger = logging.getLogger(__name__)

LIFETIME = 60.0
"""Seconds for which the text that a function has returned is used."""
SHORTEST_LIFETIME = 1.0
"""Seconds before which it is not called again, whatever the upstream responds."""
RETRY_AFTER = 5.0
"""Seconds after which a function is called again that has failed, while the last text is still used."""


async def refresh(secret: Secret, call: Call, place: str, *, again: bool = False) -> None:
    """Call the function of a secret, if it has one and its last text is too old.

    Args:
        secret: the secret.
        call: that needs it.
        place: its key, for messages.
        again: call it before that, as the upstream has refused the text.

    Raises:
        UpstreamCredentialsError: the function has failed, and there is no text from an earlier time.
    """
    if secret.function is None or _is_fresh(secret, again=again):
        return
    async with secret.lock():
        if _is_fresh(secret, again=again):  # by another call
            return
        try:
            secret.set(await functions.call(secret.function), expires=monotonic() + LIFETIME)
        except Exception as error:
            if not secret.is_known:
                what = f"{place}: its function raised {type(error).__name__}; see its cause"
                raise UpstreamCredentialsError(what, call=call) from error
            logger.warning(
                "upstream %s: the function of %s raised %s; its last text is still used",
                call.alias,
                place,
                type(error).__name__,
            )
            secret.expires = monotonic() + RETRY_AFTER


def _is_fresh(secret: Secret, *, again: bool) -> bool:
    left = secret.expires - monotonic()
    return secret.is_known and left > (LIFETIME - SHORTEST_LIFETIME if again else 0)
