"""Credentials that no representation shows, from the settings or from a file that may change while the process runs."""

import asyncio
import logging
import os
import re
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


class Secret:
    """Text that no representation shows.

    Args:
        value: the text; the path of a file that holds it, whose line break at the end is left out; or a function
            without arguments, sync or async, that returns it.

    Attributes:
        pattern: what the text must be.
        form: the same in words.
        function: that it comes from, if any.
        expires: when the function is to be called again, in `time.monotonic()` seconds.
    """

    pattern = re.compile(r"[ -~]+")
    form = "printable ASCII characters"

    def __init__(self, value: Any) -> None:
        self._file = Path(value) if isinstance(value, os.PathLike) else None
        self._stamp: tuple[int, ...] | None = None
        self.function: Callable[[], Any] | None = value if callable(value) else None
        self.expires = 0.0
        if self.function is not None:
            self._locks: weakref.WeakKeyDictionary[Any, asyncio.Lock] = weakref.WeakKeyDictionary()
        if self._file is not None:
            try:
                self._stamp, value = _stamp(self._file), _content(self._file)
            except OSError as error:
                raise ValueError(f"{self._file} cannot be read: {error.strerror}") from None
        self._value = "" if self.function is not None else self._checked(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._source == other._source

    def __hash__(self) -> int:
        return hash(self._source)

    @property
    def _source(self) -> tuple[object, ...]:
        if self.function is not None:
            return (self.function,)
        return self._file, self._value

    @property
    def may_change(self) -> bool:
        """Whether it comes from a file or a function."""
        return self._file is not None or self.function is not None

    @property
    def is_known(self) -> bool:
        """Whether there is a text: a function is called by the first request."""
        return self.function is None or self.expires > 0

    def set(self, value: object, *, expires: float) -> None:
        """Set what the function has returned.

        Raises:
            TypeError, ValueError: it is no text, or not one of this kind.
        """
        self._value, self.expires = self._checked(value), expires

    def lock(self) -> asyncio.Lock:
        """Return the lock of the running event loop, for its calls of the function."""
        return self._locks.setdefault(asyncio.get_running_loop(), asyncio.Lock())

    @property
    def identity(self) -> object:
        """What no other secret has, for a digest: the file, or the text; None for a function."""
        if self.function is not None:
            return None
        return ("file", str(self._file)) if self._file is not None else ("text", self._value)

    def reveal(self) -> str:
        """Return the text. A file that has changed is read again; while it cannot be, the last text is returned."""
        if self._file is not None:
            self._refresh(self._file)
        return self._value

    def _refresh(self, file: Path) -> None:
        known = self._stamp
        try:
            self._stamp = _stamp(file)
            if self._stamp != known:
                self._value = self._checked(_content(file))
        except (OSError, ValueError) as error:  # once for each change: this runs for every call
            if not isinstance(error, OSError) or known is not None:
                logger.warning("%s cannot be read; the last credentials are still used", file)
            if isinstance(error, OSError):
                self._stamp = None

    def _checked(self, value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError("expected text")
        if not value and (self._file is not None or not self.pattern.fullmatch("")):
            raise ValueError("is empty; the variable or the file that it comes from may be missing")
        if not self.pattern.fullmatch(value):
            raise ValueError(f"must be {self.form}, without a line break at the end")
        return value


class Password(Secret):
    """A password of Basic authentication (RFC 7617 §2); it may be empty."""

    pattern = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*")
    form = "text without control characters"


class UserName(Password):
    """A user of Basic authentication; some APIs take their key for it, with an empty password."""

    pattern = re.compile(r"[^\x00-\x1f:\x7f-\x9f\ud800-\udfff]*")
    form = "text without a colon and control characters"


class ClientSecret(Secret):
    """A client secret of OAuth2: UTF-8, where it is not ASCII (RFC 6749 appendix B)."""

    pattern = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
    form = "text without control characters"


def _stamp(file: Path) -> tuple[int, ...]:
    # Of the file that a link leads to: Kubernetes replaces a secret by changing a link.
    found = file.stat()
    return found.st_mtime_ns, found.st_ino, found.st_size


def _content(file: Path) -> str:
    return file.read_text(encoding="utf-8").rstrip("\r\n")
