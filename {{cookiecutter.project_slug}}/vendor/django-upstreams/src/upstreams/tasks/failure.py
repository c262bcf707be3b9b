"""What is written down of an error: text that any database stores, whatever the error carries or does."""

from collections.abc import Callable
from traceback import format_exception

MAX_LENGTH = 100_000
"""Characters of a text that are kept, half of them from its end."""


def class_path(error: BaseException) -> str:
    """Return the dotted path of the error's class."""
    return _storable(lambda: f"{type(error).__module__}.{type(error).__qualname__}", error)


def describe(error: BaseException) -> str:
    """Return the error in one line."""
    return _storable(lambda: repr(error), error)


def format_traceback(error: BaseException) -> str:
    """Return the traceback, with those of the errors that caused this one."""
    return _storable(lambda: "".join(format_exception(error)), error)


def _storable(write: Callable[[], str], error: BaseException) -> str:
    try:
        text = write()
    except BaseException as broken:  # noqa: BLE001 - an error's own __repr__ may raise anything
        text = f"{type(error).__name__} (which cannot be written: {type(broken).__name__})"
    if len(text) > MAX_LENGTH:
        text = f"{text[: MAX_LENGTH // 2]}\n[…]\n{text[-MAX_LENGTH // 2 :]}"
    # PostgreSQL stores no NUL, and no encoding has lone surrogates.
    return text.replace("\0", "\\x00").encode(errors="backslashreplace").decode()
