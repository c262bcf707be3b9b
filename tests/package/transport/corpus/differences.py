"""Each way in which we read responses otherwise than another client does, with the reason."""

from typing import NamedTuple


class Difference(NamedTuple):
    """Args:
    what: the responses have.
    why: we read or refuse them.
    names: of the responses in the corpus.
    """

    what: str
    why: str
    names: tuple[str, ...]
