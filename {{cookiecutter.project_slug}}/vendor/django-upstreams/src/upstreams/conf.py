"""Every setting of the package and its default. `settings.UPSTREAMS` itself is read in core/definition.py.

`conf.current().timeouts.request` is `settings.UPSTREAMS_TIMEOUTS["REQUEST"]` or its default. Settings are read when
they are first used, and again after `override_settings`.
"""

import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from msgspec import Struct

from upstreams.core.definition import configured
from upstreams.core.fields import Count, Networks, NotNegative, Origins, Seconds
from upstreams.core.inbound import Idempotency, WebhookSource
from upstreams.core.keys import read_keys

PREFIX = "UPSTREAMS_"


class Timeouts(Struct, frozen=True, kw_only=True, rename="upper"):
    """`UPSTREAMS_TIMEOUTS`, in seconds. Every timeout is longer than the timeouts it contains."""

    startup: Seconds = 30
    """For each context manager of the lifespan to open."""
    request: Seconds = 15
    """Until the response to a request begins; longer than any upstream's `TIMEOUT`."""
    keep_alive: Seconds = 75
    """For which `serve` keeps a client's idle connection; longer than the load balancer keeps it."""
    shutdown_delay: NotNegative = 5
    """From SIGTERM until the server stops listening, so that the load balancer notices first."""
    graceful_shutdown: Seconds = 15
    """For requests in flight after the server has stopped listening."""
    client_drain: NotNegative = 5
    """For calls in flight and background tasks when the clients close."""
    client_close: Seconds = 2
    """For all clients to close."""
    termination_grace_period: Seconds = 30
    """From SIGTERM until the platform kills the process."""
    loop_stall_warning: Seconds = 0.5
    """Without a turn of the event loop until its stack is logged."""
    loop_stall_exit: NotNegative = 0
    """Without a turn of the event loop until the process exits; 0 means never."""
    stuck_requests_exit: NotNegative = 20
    """For which requests past their deadline hold all of `MAX_REQUESTS` until the process exits; 0 means never."""


class Limits(Struct, frozen=True, kw_only=True, rename="upper"):
    """`UPSTREAMS_LIMITS`, for each process."""

    max_uploads: Count = 1000
    """Requests whose body is still arriving."""
    max_requests: Count = 200
    """Requests being handled; one more gets a 503."""
    max_streams: Count = 100
    """Streamed responses being sent."""
    max_background_tasks: Count = 100
    """Coroutines and functions started by `spawn` and `spawn_thread`."""
    max_body_size: Count = 10 * 1024 * 1024
    """Bytes of a request body."""
    max_total_body_size: Count = 50 * 1024 * 1024
    """Bytes of all request bodies together, in memory and in files, until their requests end.

    A form with a file takes its bytes twice on the disk: as the body, and as the file. The first 16 KiB of a body do
    not count, so that uploads cannot keep small requests out.
    """
    max_total_buffer_size: Count = 50 * 1024 * 1024
    """Bytes that connections hold for all clients of `serve` together: responses that are not read, requests that
    wait for the one before them on their connection, and heads that are not complete.
    """
    body_timeout: Seconds = 10
    """Seconds until the whole request body has arrived."""
    max_idle_threads: Count = 64
    """Threads kept for later requests; more may be in use."""


class Settings(Struct, frozen=True, kw_only=True, rename=lambda name: f"{PREFIX}{name.upper()}"):
    """Every setting: the field `timeouts` is `UPSTREAMS_TIMEOUTS`."""

    timeouts: Timeouts = Timeouts()
    limits: Limits = Limits()
    request_timeouts: dict[str, Seconds] = {}
    """Views with a time of their own: name of the route -> seconds, instead of `UPSTREAMS_TIMEOUTS["REQUEST"]`."""
    fast_path: bool = False
    """Use Django's ASGI handler and middleware without thread switches: upstreams/fastpath/."""
    required_databases: list[str] = []
    """Aliases of databases without which `/readyz` is 503."""
    drain_file: str | None = None
    """A file whose touching has the same effect as SIGTERM, for servers that stop listening at once."""
    html_error_apps: list[str] = msgspec.field(default_factory=lambda: ["admin"])
    """`app_name`s whose errors stay HTML pages; all others become problem+json."""
    metrics_token: str = ""
    """The bearer token for `/metrics`; without one, `/metrics` exists only under DEBUG."""
    cors_allowed_origins: Origins = Origins("")
    """Origins whose pages may read responses, such as `https://app.example.com`; `*` means all."""
    forwarded_allow_ips: Networks = Networks("")
    """Addresses and networks of the proxies whose `X-Forwarded-Proto` and `X-Forwarded-For` are trusted."""
    sentry_dsn: str = ""
    """Where errors are reported; needs the extra `sentry`."""
    replicas: Count = 1
    """How many instances of the service run side by side."""
    workers: Count = 1
    """Processes that `manage.py serve` starts."""
    schedule: dict[str, Seconds] = {}
    """Periodic tasks: dotted path -> seconds. Runs missed while no worker is up are skipped."""
    webhooks: dict[str, WebhookSource] = {}
    """Who sends webhooks: name, as in `@webhook("billing")` -> its secrets."""
    idempotency: Idempotency = Idempotency()
    """How long, and how large, responses to requests with an `Idempotency-Key` are stored."""
    test_hosts: list[str] = []
    """Hosts that tests may connect to, besides loopback and the databases."""


@functools.cache
def current() -> Settings:
    """Return the settings of this process.

    Raises:
        ImproperlyConfigured: with one sentence for each mistake.
    """
    found, problems = parse()
    if problems:
        raise ImproperlyConfigured("; ".join(problems))
    return found


def parse() -> tuple[Settings, list[str]]:
    """Read the settings.

    Returns:
        The valid settings, with defaults for the rest, and one sentence for each mistake.
    """
    values = {name: getattr(settings, name) for name in dir(settings) if name.startswith(PREFIX)}
    found, problems = read_keys(Settings, values, str, what="setting")
    return Settings(**found), [*problems, *_misspelled()]


def _misspelled() -> Iterator[str]:
    """Yield a sentence for each setting that lacks the S of `UPSTREAMS`, or the underscore behind it."""
    known = {field.encode_name for field in msgspec.structs.fields(Settings)}
    for name in dir(settings):
        meant = re.sub("^UPSTREAMS?_*", PREFIX, name)
        if name == "UPSTREAM" and isinstance(getattr(settings, name), dict):
            yield "UPSTREAM: unknown setting; did you mean 'UPSTREAMS'?"
        elif not name.startswith(PREFIX) and meant in known:
            yield f"{name}: unknown setting; did you mean {meant!r}?"


def base_dir() -> Path:
    """Return the folder of the project: `settings.BASE_DIR`, or the current one."""
    return Path(getattr(settings, "BASE_DIR", "."))


def asgi_application() -> str:
    """Return the application to serve as `package.module:name`, from `settings.ASGI_APPLICATION`.

    Without that setting, return `application` in the module `asgi` beside the root URLconf, as in `startproject`.
    """
    named: str | None = getattr(settings, "ASGI_APPLICATION", None)
    module, _, name = named.rpartition(".") if named else (_beside_urls(), "", "application")
    return f"{module}:{name}"


def forget(*, setting: str, **_: Any) -> None:
    """Read the settings again; connected to Django's signal `setting_changed`."""
    if setting.startswith("UPSTREAMS") or setting == "DEBUG":
        current.cache_clear()
        configured.cache_clear()


def _beside_urls() -> str:
    package, _, _ = str(settings.ROOT_URLCONF).rpartition(".")
    return f"{package}.asgi" if package else "asgi"
