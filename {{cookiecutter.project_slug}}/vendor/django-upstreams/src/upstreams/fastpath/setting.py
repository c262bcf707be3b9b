"""Reads Django's settings at a third of the cost: each request reads some twenty of them."""

from typing import Any

from django.conf import settings

_read = object.__getattribute__


def setting(name: str) -> Any:
    """Return what `getattr(settings, name)` returns, also after a change, such as in a test."""
    # Undocumented: LazySettings keeps what it has read in its own attributes, and forgets it when a setting changes
    # (Django 5.2 to 6.1), which its __getattribute__, in Python, makes slow. tests/package/fastpath/test_setting.py
    # changes settings in each way.
    try:
        return _read(settings, name)
    except AttributeError:
        return getattr(settings, name)
