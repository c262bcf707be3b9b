"""The environment variables of this service, typed."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from msgspec import Meta

from config.variables import Count, LogLevel, Names, Networks, Origins, Variables, parsed, written

PLACEHOLDERS = ("", "change-me", "changeme", "secret")


class Env(Variables, frozen=True):
    """Those that every such service has."""

    secret_key: str = ""
    debug: bool = False
    allowed_hosts: Names = Names("")
    csrf_trusted_origins: Names = Names("")
    cors_allowed_origins: Origins = Origins("")
    """Whose pages may use the API from a browser; `*` is everybody's."""
    database_url: str = "sqlite:///db.sqlite3"
    database_pool: Count = 10
    """Connections to PostgreSQL a process may hold: mind workers x replicas."""
    statement_timeout: Annotated[float, Meta(ge=0.001, le=86400)] = 5
    """Seconds after which PostgreSQL cancels a query."""
    pgbouncer: bool = False
    """A PgBouncer in transaction mode stands before PostgreSQL."""
    replicas: Count = 1
    """How many of this service run side by side."""
    web_concurrency: Count = 1
    """Processes that `manage.py serve` starts."""
    forwarded_allow_ips: Networks = Networks("")
    """Addresses or networks of the proxies whose `X-Forwarded-Proto` and `X-Forwarded-For` are believed."""
    leaving_file: str | None = None
    """Its being touched has this process leave, on servers that do not let SIGTERM wait."""
    log_level: LogLevel = LogLevel("INFO")
    sentry_dsn: str = ""
    """Where errors are reported, `https://key@host/project`."""
    metrics_token: str = ""
    """What Prometheus sends to see `/metrics`; without it nobody sees them, except with DEBUG."""
    secure_ssl_redirect: bool = True
    secure_hsts_seconds: int = 3600
    """Raise it to a year once HTTPS is known to work."""

    def problems(self) -> list[str]:
        wrong = []
        if self.secret_key.lower() in PLACEHOLDERS or (len(self.secret_key) < 50 and not self.debug):
            wrong.append(
                "SECRET_KEY: write at least 50 random characters; "
                "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` makes some"
            )
        token = self.metrics_token
        if token and (token.lower() in PLACEHOLDERS or not re.fullmatch(r"[!-~]{16,}", token)):
            wrong.append("METRICS_TOKEN: write at least 16 random letters and digits, or leave it out")
        # prometheus_client reads this one itself, and would end in a traceback.
        shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if shared is not None and not (
            shared and os.access(shared, os.W_OK | os.X_OK) and Path(shared).is_dir()
        ):
            wrong.append("PROMETHEUS_MULTIPROC_DIR: write an empty directory that exists, or leave it out")
        return wrong

    def database(self) -> dict[str, Any]:
        """`DATABASES["default"]`, from `DATABASE_URL`."""
        url = urlsplit(self.database_url)
        name = url.path.removeprefix("/")
        try:
            port = url.port or 5432
        except ValueError:  # its message may hold a part of the password
            port = 0
        if url.scheme == "sqlite" and name and not url.query:
            return _sqlite(name)
        if url.scheme in ("postgres", "postgresql") and url.hostname and name and port:
            where = {"HOST": url.hostname, "PORT": port, "NAME": unquote(name)}
            user = {"USER": unquote(url.username or ""), "PASSWORD": unquote(url.password or "")}
            return where | user | self._postgresql(dict(parse_qsl(url.query)))
        raise ImproperlyConfigured(
            "DATABASE_URL: write sqlite:///db.sqlite3 or postgresql://user:password@host:5432/name?sslmode=require, "
            "with %2F for a slash in the password"
        )

    def _postgresql(self, options: dict[str, Any]) -> dict[str, Any]:
        milliseconds = int(self.statement_timeout * 1000)
        options["pool"] = {"min_size": 0, "max_size": self.database_pool, "timeout": 5}
        if self.pgbouncer:
            # In transaction mode neither prepared statements nor session settings outlive a transaction.
            return {
                "ENGINE": "django.db.backends.postgresql",
                "OPTIONS": {**options, "prepare_threshold": None},
                "DISABLE_SERVER_SIDE_CURSORS": True,
            }
        options["options"] = f"-c statement_timeout={milliseconds}"
        return {"ENGINE": "django.db.backends.postgresql", "OPTIONS": options}

    def upstreams(self, defaults: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Overlay `UPSTREAMS__ALIAS__KEY` variables on the definitions in settings.

        Args:
            defaults: alias -> keys.

        Raises:
            ImproperlyConfigured: a variable names an alias that is not defined.
        """
        merged = {alias: dict(keys) for alias, keys in defaults.items()}
        for name, value in written().items():
            prefix, _, rest = name.partition("__")
            if prefix != "UPSTREAMS":
                continue
            alias, _, key = rest.partition("__")
            if alias.lower() not in merged or not key:
                known = ", ".join(f"UPSTREAMS__{alias.upper()}__BASE_URL" for alias in merged)
                raise ImproperlyConfigured(f"{name}: no such upstream; write a variable such as {known}")
            merged[alias.lower()][key] = value
        return merged


def _sqlite(name: str) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": name,
        # Persistent: the threads of the service are reused and bounded, and opening costs more than a query.
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            # A transaction that begins as a reader and then writes fails at once if another one wrote.
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        },
    }


def read() -> Env:
    """The environment of this process.

    Raises:
        ImproperlyConfigured: with one sentence for each thing that is wrong.
    """
    return parsed(Env)
