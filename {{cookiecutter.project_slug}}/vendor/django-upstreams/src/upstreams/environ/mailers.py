"""`MAILERS` from a URL."""

from typing import Any
from urllib.parse import unquote, urlsplit

TIMEOUT = 10
"""Seconds to wait for the mail server."""
PORTS = {"smtp": 25, "smtp+tls": 587, "smtps": 465}


def mailers_from_url(url: str, *, debug: bool = False) -> dict[str, dict[str, Any]]:
    """Return `MAILERS` with one mailer.

    Args:
        url: of a mail server, such as `smtp+tls://user:password@host:587`; if empty, mail goes to this machine.
        debug: whether mail is printed instead where there is no URL.
    """
    if debug and not url:
        return {"default": {"BACKEND": "django.core.mail.backends.console.EmailBackend"}}
    parts = urlsplit(url or "smtp://localhost")
    options = {
        "host": parts.hostname,
        "port": parts.port or PORTS[parts.scheme],
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "use_tls": parts.scheme == "smtp+tls",
        "use_ssl": parts.scheme == "smtps",
        "timeout": TIMEOUT,
    }
    return {"default": {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}}
