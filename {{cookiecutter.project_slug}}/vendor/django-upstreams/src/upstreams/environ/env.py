"""The environment variables that every service has, and the settings that follow from them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

import msgspec
from msgspec import Meta

from upstreams.core.fields import Count, Names, Networks, Origins
from upstreams.environ.caches import caches_from_url
from upstreams.environ.databases import database_from_url
from upstreams.environ.mailers import mailers_from_url
from upstreams.environ.overlay import overlay
from upstreams.environ.urls import BrokerUrl, RedisUrl, SmtpUrl
from upstreams.environ.variables import Variables, all_variables, env_file

PLACEHOLDERS = ("", "change-me", "changeme", "secret")


class LogLevel(str):
    """A level of `logging`, in upper case."""

    __slots__ = ()

    def __new__(cls, value: str) -> Self:
        if value.upper() not in ("DEBUG", "INFO", "WARNING", "ERROR"):
            raise ValueError("write DEBUG, INFO, WARNING or ERROR")
        return super().__new__(cls, value.upper())


class Env(Variables, frozen=True):
    """The variables of a service. A project adds its own in a subclass."""

    secret_key: str = ""
    debug: bool = False
    allowed_hosts: Names = Names("")
    csrf_trusted_origins: Names = Names("")
    cors_allowed_origins: Origins = Origins("")
    """Origins whose pages may use the API from a browser; `*` means all."""
    database_url: str = "sqlite:///db.sqlite3"
    database_pool: Count = 10
    """Connections to PostgreSQL that one process may hold; all of them are workers x replicas x this."""
    statement_timeout: Annotated[float, Meta(ge=0.001, le=86400)] = 5
    """Seconds after which PostgreSQL cancels a query."""
    pgbouncer: bool = False
    """Whether `DATABASE_URL` is that of a PgBouncer in transaction mode."""
    cache_url: RedisUrl = RedisUrl("")
    """Of Redis, `redis://` or with TLS `rediss://`; if empty, each process has a cache in memory."""
    broker_url: BrokerUrl = BrokerUrl("")
    """Of Celery's broker: RabbitMQ, `amqp://` or `amqps://`, or Redis, `redis://` or `rediss://`."""
    email_url: SmtpUrl = SmtpUrl("")
    """Of the mail server, `smtp+tls://`, `smtps://` or `smtp://`; if empty, this machine, and under DEBUG the terminal."""
    replicas: Count = 1
    """How many instances of this service run side by side."""
    web_concurrency: Count = 1
    """Processes that `manage.py serve` starts."""
    forwarded_allow_ips: Networks = Networks("")
    """Addresses or networks of the proxies whose `X-Forwarded-Proto` and `X-Forwarded-For` are trusted."""
    drain_file: str | None = None
    """A file whose touching has the same effect as SIGTERM, for servers that stop listening at once."""
    log_level: LogLevel = LogLevel("INFO")
    sentry_dsn: str = ""
    """Where errors are reported: `https://key@host/project`."""
    metrics_token: str = ""
    """The bearer token for `/metrics`; without one, nobody sees it except under DEBUG."""
    secure_ssl_redirect: bool = True
    secure_hsts_seconds: int = 3600
    """Raise it to a year once HTTPS is known to work."""

    def problems(self) -> list[str]:
        problems = []
        if self.secret_key.lower() in PLACEHOLDERS or (len(self.secret_key) < 50 and not self.debug):
            problems.append(
                f"SECRET_KEY: write at least 50 random characters{_or_make_dev()}; "
                "`python -c 'import secrets; print(secrets.token_urlsafe(50))'` makes some"
            )
        token = self.metrics_token
        if token and (token.lower() in PLACEHOLDERS or not re.fullmatch(r"[!-~]{16,}", token)):
            problems.append("METRICS_TOKEN: write at least 16 random letters and digits, or leave it out")
        # prometheus_client reads this variable itself, and raises when it is imported if the directory is missing.
        shared = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        if shared is not None and not (
            shared and os.access(shared, os.W_OK | os.X_OK) and Path(shared).is_dir()
        ):
            problems.append("PROMETHEUS_MULTIPROC_DIR: write an empty directory that exists, or leave it out")
        return problems

    def database(self) -> dict[str, Any]:
        """Return `DATABASES["default"]`, from `DATABASE_URL`."""
        return database_from_url(
            self.database_url,
            pool=self.database_pool,
            statement_timeout=self.statement_timeout,
            pgbouncer=self.pgbouncer,
        )

    def caches(self) -> dict[str, dict[str, Any]]:
        """Return `CACHES`, from `CACHE_URL`."""
        return caches_from_url(self.cache_url)

    def mailers(self) -> dict[str, dict[str, Any]]:
        """Return `MAILERS`, from `EMAIL_URL`."""
        return mailers_from_url(self.email_url, debug=self.debug)

    def upstreams(self, defaults: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Overlay `UPSTREAMS__ALIAS__KEY` variables on the definitions in settings.

        `UPSTREAMS__QUOTES__AUTH__BEARER` sets a key of a dict, `UPSTREAMS__QUOTES__AUTH__BEARER_FILE` names a file
        with a credential, and `UPSTREAMS__QUOTES__HEADERS__X_API_KEY` sets the header `X-Api-Key`.

        Args:
            defaults: alias -> keys.

        Raises:
            ImproperlyConfigured: a variable names an alias that is not defined, or is nearly the name of one.
        """
        own = {name.upper(): value for name, value in msgspec.structs.asdict(self).items()}
        return overlay(defaults, all_variables(), own)


def _or_make_dev() -> str:
    # A fresh clone: the file is not in git.
    is_fresh = Path("Procfile").exists() and not env_file().exists()
    return " into .env, or run `make dev`, which does" if is_fresh else ""
