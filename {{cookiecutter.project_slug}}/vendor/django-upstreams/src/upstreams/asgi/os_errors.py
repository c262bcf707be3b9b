"""What a client gets where the operating system has no space, or no descriptor, for a file."""

import errno
import logging
import tempfile
from typing import NamedTuple

from upstreams.fastpath.body import BodyNotStored

logger = logging.getLogger(__name__)


class Refusal(NamedTuple):
    """A response in place of the one that was not possible."""

    status: int
    code: str
    detail: str
    retry_after: int | None = None


NO_SPACE = Refusal(507, "InsufficientStorage", "there is no space for a file")
NO_DESCRIPTOR = Refusal(503, "TooManyOpenFiles", "too many files are open", retry_after=1)
REFUSALS = {
    errno.ENOSPC: NO_SPACE,
    errno.EDQUOT: NO_SPACE,
    errno.EMFILE: NO_DESCRIPTOR,
    errno.ENFILE: NO_DESCRIPTOR,
}


def has_refusal(error: Exception) -> bool:
    """Return whether an error of the operating system has a response."""
    return isinstance(error, BodyNotStored) or (isinstance(error, OSError) and error.errno in REFUSALS)


def refusal_of(error: Exception) -> Refusal | None:
    """Return the response to an error of the operating system, and log it as one line; None for any other error."""
    if not isinstance(error, OSError):
        return None
    is_body = isinstance(error, BodyNotStored)
    found = REFUSALS.get(error.errno or 0, NO_SPACE if is_body else None)
    if found is not None:
        what = (
            f"a request body cannot be stored in {tempfile.tempdir}" if is_body else "a file cannot be used"
        )
        logger.error("%s: %s", what, error.strerror)
    return found
