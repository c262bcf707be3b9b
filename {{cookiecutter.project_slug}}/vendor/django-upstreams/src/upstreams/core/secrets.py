"""Credentials that no representation shows, from the settings or from a file that may change while the process runs."""

import logging
import os
import re
from pathlib import Path
from typing import Any

logger = logging.getLogger(__name__)


class Secret:
    """Text that no representation shows.

    Args:
        value: the text, or the path of a file that holds it; a line break at the end of a file is left out.

    Attributes:
        pattern: what the text must be.
        form: the same in words.
    """

    pattern = re.compile(r"[ -~]+")
    form = "printable ASCII characters"

    def __init__(self, value: Any) -> None:
        self._file = Path(value) if isinstance(value, os.PathLike) else None
        self._stamp: tuple[int, ...] | None = None
        if self._file is not None:
            try:
                self._stamp, value = _stamp(self._file), _content(self._file)
            except OSError as error:
                raise ValueError(f"{self._file} cannot be read: {error.strerror}") from None
        self._value = self._checked(value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and (self._file, self._value) == (other._file, other._value)

    def __hash__(self) -> int:
        return hash(self._file or self._value)

    @property
    def may_change(self) -> bool:
        """Whether it comes from a file."""
        return self._file is not None

    @property
    def identity(self) -> object:
        """What no other secret has, for a digest: the file, or the text."""
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
