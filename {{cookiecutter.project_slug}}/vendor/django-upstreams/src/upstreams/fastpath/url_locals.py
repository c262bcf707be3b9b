"""Sets Django's script prefix and URLconf of a request, at a tenth of the cost of Django's own functions.

Both are kept in context variables that hold one immutable value for each prefix and each URLconf. Django's functions
run once for each of them, in a context of their own, and what they have set there is set for the request.
"""

import threading
from collections.abc import Callable
from contextvars import Context, ContextVar
from functools import lru_cache
from typing import Any

from django.urls import set_script_prefix, set_urlconf


def set_prefix(prefix: str) -> None:
    """Do what `django.urls.set_script_prefix` does."""
    for variable, value in _set_by(set_script_prefix, prefix, threading.get_ident()):
        variable.set(value)


def set_root(urlconf: Any) -> None:
    """Do what `django.urls.set_urlconf` does, with a URLconf that may be remembered: one of the settings."""
    for variable, value in _set_by(set_urlconf, urlconf, threading.get_ident()):
        variable.set(value)


# Undocumented: that an asgiref Local (3.13) keeps all it holds in a context variable, tagged with its thread, and copies
# it before each change. tests/package/fastpath/test_url_locals.py compares what views, threads and tasks read.
@lru_cache(maxsize=64)
def _set_by(function: Callable[[Any], None], value: Any, thread: int) -> list[tuple[ContextVar[Any], Any]]:
    context = Context()
    context.run(function, value)
    return [*context.items()]
