"""A function that adds credentials to each attempt, such as a signature."""

import re
from collections.abc import Callable
from typing import Any

from django.utils.module_loading import import_string

DOTTED_PATH = re.compile(r"[A-Za-z_]\w{0,39}(\.[A-Za-z_]\w{0,39})+", re.ASCII)
"""No part is as long as that of a signed token, which somebody may have written in its place."""


class Signer:
    """A function, or its dotted path, which is imported when it is needed first.

    Args:
        value: a function that takes the final request, sync or async. It sets headers, or returns those to set.

    Attributes:
        name: of the function, for messages.
    """

    def __init__(self, value: Any) -> None:
        self._function: Callable[[Any], Any] | None = None
        if isinstance(value, str) and DOTTED_PATH.fullmatch(value):
            self.name = value
        elif callable(value) and not isinstance(value, type):
            self._function = value
            self.name = f"{getattr(value, '__module__', '')}.{getattr(value, '__qualname__', type(value).__qualname__)}"
        else:
            raise ValueError(
                'expected a dict such as {"BEARER": …}, a function of the request, or its dotted path'
            )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Signer) and (self.name, self._given) == (other.name, other._given)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    @property
    def _given(self) -> Callable[[Any], Any] | None:
        """The function, unless a path leads to it: what it is then follows."""
        return None if self.identity else self._function

    @property
    def identity(self) -> object:
        """What no other signer has, for a digest; None for a function that no path leads to, such as a lambda."""
        try:
            is_found = self._function is None or import_string(self.name) is self._function
        except ImportError:
            is_found = False
        return ("function", self.name) if is_found else None

    def problem(self) -> str | None:
        """Return why the function cannot be called, as the end of a sentence."""
        try:
            _ = self.function
        except Exception as error:  # noqa: BLE001 - of the module that is imported
            return f"{self.name} cannot be imported: {error}"
        return None

    @property
    def function(self) -> Callable[[Any], Any]:
        """The function.

        Raises:
            ImportError: nothing is at its path, or no function.
        """
        if self._function is None:
            found = import_string(self.name)
            if not callable(found):
                raise ImportError("is no function")
            self._function = found
        return self._function
