"""Types of command-line arguments."""

from argparse import ArgumentTypeError


def at_least_one(value: str) -> int:
    """Return a whole number, 1 or greater.

    Raises:
        ArgumentTypeError: it is not one.
    """
    if not value.isdecimal() or int(value) == 0:
        raise ArgumentTypeError("write a number from 1 on")
    return int(value)
